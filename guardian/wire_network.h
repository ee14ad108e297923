/* Port mappings and rules for outgoing traffic, checked, and put into the one form that everybody else reads: names in lower case
 * and only what was given. A mapping is {"host_port":N,"container_port":N}. A rule is {"protocol":N,"networks":[{"start":ADDRESS,
 * "end":ADDRESS}],"ports":[{"start":N,"end":N}],"icmps":{"type":N,"code":N},"log":true}, each member of it and of its ranges
 * optional, and no list empty. */
#ifndef GUARDIAN_WIRE_NETWORK_H
#define GUARDIAN_WIRE_NETWORK_H

#include "common/base/error.h"
#include "common/base/json.h"

/* The list that is a member of that name, in a new array which the caller puts; NULL when it is absent or empty. */
int take_net_in(json_object *from, const char *name, json_object **mappings, struct error *err);
int take_net_out(json_object *from, const char *name, json_object **rules, struct error *err);

#endif
