"""The association's console at `/console/`: the registry for people, rendered here, whole without a script.

Pages and orders are rows (`pages/`), what they are drawn of are values (`pieces/`, pure) with one partial each. A form
posts, is answered by a redirect, and the next page says what came of it. Services are asked, and nobody behind them.
"""
