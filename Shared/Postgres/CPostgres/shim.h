// What Swift cannot import from libpq: character-literal macros. The names keep the header's own.
#pragma once
#include <libpq-fe.h>

static const int GW_PG_DIAG_SEVERITY_NONLOCALIZED = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int GW_PG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int GW_PG_DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY;
static const int GW_PG_DIAG_MESSAGE_DETAIL = PG_DIAG_MESSAGE_DETAIL;
static const int GW_PG_DIAG_MESSAGE_HINT = PG_DIAG_MESSAGE_HINT;
static const int GW_PG_DIAG_CONTEXT = PG_DIAG_CONTEXT;
static const int GW_PG_DIAG_SCHEMA_NAME = PG_DIAG_SCHEMA_NAME;
static const int GW_PG_DIAG_TABLE_NAME = PG_DIAG_TABLE_NAME;
static const int GW_PG_DIAG_COLUMN_NAME = PG_DIAG_COLUMN_NAME;
static const int GW_PG_DIAG_CONSTRAINT_NAME = PG_DIAG_CONSTRAINT_NAME;
