"""Storage: the tables as typed SQLAlchemy models, the connection, and the migrations.

`novels`, `chapters`, `pages`, `jobs` and `service` each own the tables of their noun; `engine`
opens the database and turns its failures into the project's errors; `migrate` brings a database to
the newest schema.
"""
