"""The pages: each function takes the desk and a look, and gives a Page. Nothing here knows of requests or files."""
