// A C face over simdjson's DOM parser. The parser owns its tape and string buffer; both are valid until its next parse.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gw_json_parser gw_json_parser;

gw_json_parser *gw_json_parser_new(size_t depth_limit);
void gw_json_parser_free(gw_json_parser *parser);

// Parses one document (UTF-8 is checked). Answers 0 and the tape, or simdjson's error code.
int gw_json_parse(gw_json_parser *parser, const uint8_t *bytes, size_t count, const uint64_t **tape, const uint8_t **strings);

// simdjson's sentence for an error code; static storage.
const char *gw_json_error_message(int code);

#ifdef __cplusplus
}
#endif
