"""What all tables are made of: names of keys, types of columns that mean the same on both databases."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKeyConstraint, Integer, MetaData, String, Text

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
TABLES = MetaData(naming_convention=NAMING)

# Texts compare by code point on both databases, so that `<` and ORDER BY mean the same.
Word = String().with_variant(String(collation="C"), "postgresql")
Words = Text().with_variant(Text(collation="C"), "postgresql")
# INTEGER PRIMARY KEY is the row's own place on SQLite; on PostgreSQL it is a bigint identity.
Id = BigInteger().with_variant(Integer(), "sqlite")


def key_of_sets(column: str, other: str) -> ForeignKeyConstraint:
    """Return a key of a table that a tick fills with a set at once.

    SQLite looks after it. PostgreSQL would ask a query for each row, which is more work than to write it: there `db check` does.
    """
    return ForeignKeyConstraint([column], [other], info={"sets": True}).ddl_if(dialect="sqlite")
