// The console's scripts: without them every page works, with them nothing has to be loaded anew. This file ties them together.

import { watchPresses } from "/static/presses.js";
import { watchScanner } from "/static/scanner.js";
import { watchTold } from "/static/sound.js";
import { asking, watchQuestions } from "./ask.js";
import { watchForms } from "./forms.js";
import { $, keepFresh } from "./live.js";
import { watchPads } from "./pad.js";
import { backAgain, takeScan } from "./scan.js";

watchPresses();
watchScanner(takeScan, () => (asking() ? null : $("scan")));
watchTold();
watchQuestions();
watchForms(takeScan);
watchPads();
keepFresh(backAgain);
