// libcurl's setters and getters are variadic, which Swift cannot call; these are the typed forms of what is used.
#pragma once
#include <curl/curl.h>

static inline int gw_curl_set_long(CURL *curl, CURLoption option, long value) { return (int)curl_easy_setopt(curl, option, value); }
static inline int gw_curl_set_text(CURL *curl, CURLoption option, const char *value) { return (int)curl_easy_setopt(curl, option, value); }
static inline int gw_curl_set_pointer(CURL *curl, CURLoption option, const void *value) { return (int)curl_easy_setopt(curl, option, value); }

typedef size_t (*gw_curl_bytes)(char *bytes, size_t size, size_t count, void *context);
typedef curl_socket_t (*gw_curl_open)(void *context, curlsocktype purpose, struct curl_sockaddr *address);

static inline void gw_curl_on_body(CURL *curl, gw_curl_bytes function, void *context) {
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, function);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, context);
}
static inline void gw_curl_on_header(CURL *curl, gw_curl_bytes function, void *context) {
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, function);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, context);
}
static inline void gw_curl_on_open(CURL *curl, gw_curl_open function, void *context) {
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, function);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, context);
}
static inline void gw_curl_set_body(CURL *curl, const void *bytes, size_t count) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, bytes);
}
static inline long gw_curl_status(CURL *curl) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
