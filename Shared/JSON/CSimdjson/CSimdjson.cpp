// See include/CSimdjson.h. The DOM parser is used rather than the on-demand one because it checks the whole text, skipped parts included:
// what is accepted at the door must be JSON to every reader behind it. No exception leaves this file.
#include "CSimdjson.h"
#include <simdjson.h>
#include <new>

struct gw_json_parser {
    simdjson::dom::parser dom;
    size_t depth_limit;
};

extern "C" gw_json_parser *gw_json_parser_new(size_t depth_limit) {
    auto *parser = new (std::nothrow) gw_json_parser;
    if (parser) { parser->depth_limit = depth_limit; }
    return parser;
}

extern "C" void gw_json_parser_free(gw_json_parser *parser) { delete parser; }

extern "C" int gw_json_parse(gw_json_parser *parser, const uint8_t *bytes, size_t count, const uint64_t **tape, const uint8_t **strings) {
    if (parser->dom.capacity() < count || parser->dom.max_depth() != parser->depth_limit) {
        size_t wanted = count < 4096 ? 4096 : count;
        simdjson::error_code grown = parser->dom.allocate(wanted, parser->depth_limit);
        if (grown) { return grown; }
    }
    // `true`: simdjson copies the text into its own padded buffer, so the caller's bytes need no 64 readable bytes behind them.
    simdjson::error_code error = parser->dom.parse(bytes, count, true).error();
    if (error) { return error; }
    *tape = parser->dom.doc.tape.get();
    *strings = parser->dom.doc.string_buf.get();
    return 0;
}

extern "C" const char *gw_json_error_message(int code) {
    return simdjson::error_message(static_cast<simdjson::error_code>(code));
}
