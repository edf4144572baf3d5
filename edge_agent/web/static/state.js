// What the agent last said; every other file of the page reads it here.

export const floor = {
  printers: [], groups: [], jobs: [], copies: [], doubts: [],
  scanned: "", // serial of the last scan
};
