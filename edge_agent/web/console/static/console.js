// The console's scripts: without them every page works, with them nothing has to be loaded anew. This file ties them together.

import { asking, watchQuestions } from "./ask.js";
import { watchForms } from "./forms.js";
import { $, keepFresh } from "./live.js";
import { watchPads } from "./pad.js";
import { watchPresses } from "./presses.js";
import { backAgain, takeScan } from "./scan.js";
import { watchScanner } from "./scanner.js";
import { watchTold } from "./sound.js";

watchPresses();
watchScanner(takeScan, () => (asking() ? null : $("scan")));
watchTold();
watchQuestions();
watchForms(takeScan);
watchPads();
keepFresh(backAgain);
