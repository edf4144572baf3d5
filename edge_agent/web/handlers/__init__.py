"""One short function per request, one file per noun: read the request, ask the service, answer in JSON.

A handler returns what the answer says (a dict), or a whole response where that is not JSON. Errors are raised; the
guard turns them into problem documents.
"""
