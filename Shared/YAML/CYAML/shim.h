// libyaml's event is a union by type; Swift reads it through these functions, with plain types.
#pragma once
#include <yaml.h>

static inline const unsigned char *gw_yaml_scalar(const yaml_event_t *event) { return event->data.scalar.value; }
static inline size_t gw_yaml_scalar_count(const yaml_event_t *event) { return event->data.scalar.length; }
static inline int gw_yaml_scalar_is_plain(const yaml_event_t *event) { return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE; }
static inline const unsigned char *gw_yaml_tag(const yaml_event_t *event) {
    switch (event->type) {
    case YAML_SCALAR_EVENT: return event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT: return event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT: return event->data.mapping_start.tag;
    default: return NULL;
    }
}
static inline int gw_yaml_has_anchor(const yaml_event_t *event) {
    switch (event->type) {
    case YAML_SCALAR_EVENT: return event->data.scalar.anchor != NULL;
    case YAML_SEQUENCE_START_EVENT: return event->data.sequence_start.anchor != NULL;
    case YAML_MAPPING_START_EVENT: return event->data.mapping_start.anchor != NULL;
    default: return 0;
    }
}
static inline int gw_yaml_type(const yaml_event_t *event) { return (int)event->type; }
enum {
    GW_YAML_STREAM_END = YAML_STREAM_END_EVENT, GW_YAML_DOCUMENT_START = YAML_DOCUMENT_START_EVENT, GW_YAML_ALIAS = YAML_ALIAS_EVENT,
    GW_YAML_SCALAR = YAML_SCALAR_EVENT, GW_YAML_SEQUENCE_START = YAML_SEQUENCE_START_EVENT, GW_YAML_SEQUENCE_END = YAML_SEQUENCE_END_EVENT,
    GW_YAML_MAPPING_START = YAML_MAPPING_START_EVENT, GW_YAML_MAPPING_END = YAML_MAPPING_END_EVENT
};
