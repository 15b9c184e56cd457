"""The pages on which people review changes: served to a browser, or written as files for any web server.

`pages/` makes a page's values from the store, `shell.py` draws them, `app.py` answers requests, `site.py` writes files.
Starlette and uvicorn (the extra `[serve]`) are needed to answer requests alone.
"""
