#include "common/net/hosts.h"

#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NAME 49 /* bytes, as of a container's hostname */
#define KEYWORD "nameserver"

void hosts_text(const char *handle, const char *ipv4, const char *ipv6, const struct strings *entries,
	struct text *hosts)
{
	size_t len = strlen(handle);
	const char *name = len > LONGEST_NAME ? handle + len - LONGEST_NAME : handle;

	text_addf(hosts, "127.0.0.1 localhost\n");
	if (ipv6)
		text_addf(hosts, "::1 localhost\n");
	if (ipv4)
		text_addf(hosts, "%s %s\n", ipv4, name);
	if (ipv6)
		text_addf(hosts, "%s %s\n", ipv6, name);
	for (size_t i = 0; entries && i < entries->count; i++)
		text_addf(hosts, "%s\n", entries->item[i]);
}

static bool matches(const char *pattern, const char *string)
{
	regex_t compiled;
	bool found;

	/* The patterns are constants, so that only memory can be short. */
	if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	found = regexec(&compiled, string, 0, NULL, 0) == 0;
	regfree(&compiled);
	return found;
}

static void add_servers(const struct strings *servers, struct text *resolv)
{
	for (size_t i = 0; servers && i < servers->count; i++)
		text_addf(resolv, KEYWORD " %s\n", servers->item[i]);
}

/* A line `nameserver`, cut in place: kept if it has one address, and not one of the host's loopback. */
static void add_nameserver(char *line, struct text *resolv)
{
	static const char blanks[] = " \t\r\v\f";
	bool loopback = matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}", line);
	char *rest;
	const char *address;

	(void)strtok_r(line, blanks, &rest); /* the keyword */
	address = strtok_r(NULL, blanks, &rest);
	if (address && !loopback && !strtok_r(NULL, blanks, &rest))
		text_addf(resolv, KEYWORD " %s\n", address);
}

static void add_host_lines(const char *host, bool without_search, struct text *resolv)
{
	autofree char *lines = xstrdup(host + strspn(host, " \t\r\n\v\f"));
	char *rest;

	for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (without_search && strncmp(line, "search", strlen("search")) == 0)
			continue;
		if (strncmp(line, KEYWORD, strlen(KEYWORD)) == 0)
			add_nameserver(line, resolv);
		else
			text_addf(resolv, "%s\n", line);
	}
}

static void add_host(const struct resolv *from, struct text *resolv)
{
	if (!matches("^[[:space:]]*" KEYWORD "[[:space:]]+127\\.0\\.0\\.[0-9]+[[:space:]]*$", from->host))
		add_host_lines(from->host, from->search != NULL, resolv);
	else if (from->bridge_ip)
		text_addf(resolv, KEYWORD " %s\n", from->bridge_ip);
}

static void add_search(const struct strings *domains, struct text *resolv)
{
	text_addf(resolv, "search");
	for (size_t i = 0; i < domains->count; i++)
		text_addf(resolv, " %s", domains->item[i]);
	text_addf(resolv, "\n");
}

void resolv_text(const struct resolv *from, struct text *resolv)
{
	if (from->plugin) {
		add_servers(from->plugin, resolv);
	} else {
		if (from->operators && from->operators->count)
			add_servers(from->operators, resolv);
		else
			add_host(from, resolv);
		add_servers(from->additional, resolv);
	}
	if (from->search)
		add_search(from->search, resolv);
}
