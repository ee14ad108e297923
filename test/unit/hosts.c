/* The hosts file and resolver file of a container as functions, for hosts.bats. A request on standard input:
 * {"hosts": {"handle", "ipv4", "ipv6", "entries"}} or
 * {"resolv": {"host", "bridge_ip", "plugin", "search", "operators", "additional"}}; prints the text. */
#include "common/net/hosts.h"
#include "common/base/json.h"

#include <stdio.h>
#include <unistd.h>

static const char *optional(json_object *from, const char *name)
{
	return json_member(from, name) ? json_string(from, name) : NULL;
}

static const struct strings *list(json_object *from, const char *name, struct strings *into)
{
	json_object *array = json_member(from, name);

	json_to_strings(array, into);
	return array ? into : NULL;
}

static void hosts(json_object *from, struct text *made)
{
	autostrings struct strings entries = { 0 };

	hosts_text(json_string(from, "handle"), optional(from, "ipv4"), optional(from, "ipv6"),
		list(from, "entries", &entries), made);
}

static void resolv(json_object *from, struct text *made)
{
	autostrings struct strings plugin = { 0 }, search = { 0 }, operators = { 0 }, additional = { 0 };
	struct resolv sources = {
		.plugin = list(from, "plugin", &plugin),
		.search = list(from, "search", &search),
		.operators = list(from, "operators", &operators),
		.additional = list(from, "additional", &additional),
		.host = json_string(from, "host"),
		.bridge_ip = optional(from, "bridge_ip"),
	};

	resolv_text(&sources, made);
}

int main(void)
{
	autotext struct text request = { 0 }, made = { 0 };
	struct error err = { 0 };
	char bytes[4096];
	ssize_t n;

	while ((n = read(0, bytes, sizeof bytes)) > 0)
		text_add(&request, bytes, (size_t)n);
	if (request.len == 0)
		text_addf(&request, "{}");
	autojson json_object *from = json_parse(request.data, request.len, &err);
	if (!from) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (json_member(from, "hosts"))
		hosts(json_member(from, "hosts"), &made);
	if (json_member(from, "resolv"))
		resolv(json_member(from, "resolv"), &made);
	fputs(text_string(&made), stdout);
	return 0;
}
