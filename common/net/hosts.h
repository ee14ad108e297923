/* What a container is told of names: its /etc/hosts and its /etc/resolv.conf, as text. Nothing is read or written here. */
#ifndef COMMON_NET_HOSTS_H
#define COMMON_NET_HOSTS_H

#include "common/base/text.h"

/* Adds the lines of a hosts file: localhost, then the container's name for each address (NULL: it has none), then the
 * operator's entries as they are (NULL: none). The name is the end of the handle, as its hostname is. */
void hosts_text(const char *handle, const char *ipv4, const char *ipv6, const struct strings *entries,
	struct text *hosts);

/* Where name servers may come from; a list that is NULL was not given, which differs from one that is empty. */
struct resolv {
	const struct strings *plugin;     /* said by a network plugin: these and no others */
	const struct strings *search;     /* search domains that a network plugin said */
	const struct strings *operators;  /* given by the operator: in place of the host's */
	const struct strings *additional; /* given by the operator: behind either, but not behind a plugin's */
	const char *host;                 /* the host's own resolv.conf(5), "" if it has none */
	const char *bridge_ip;            /* where the container reaches the host, NULL if it cannot */
};

/* Adds the lines of resolv.conf. Of the host's lines those stay that mean the same inside the container: a name server on
 * the host's loopback does not. If such a one is all that the host has, the bridge's address takes its place, since the
 * host's resolver may listen there too; without a bridge nothing does. */
void resolv_text(const struct resolv *from, struct text *resolv);

#endif
