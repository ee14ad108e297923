#include "guardian/notify.h"

#include "common/base/fd.h"
#include "guardian/loop.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct timer watchdog;
static long long watchdog_ms;

void notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	autoclose int fd = -1;

	if (!len || len >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, path, len);
	if (address.sun_path[0] == '@') /* an abstract name */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* Whoever asked to be told and does not listen has himself to blame. */
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

static void still_here(struct timer *timer)
{
	notify("WATCHDOG=1");
	loop_timer(timer, watchdog_ms, still_here);
}

void notify_watchdog(void)
{
	const char *pid = getenv("WATCHDOG_PID"), *usec = getenv("WATCHDOG_USEC");

	if (!usec || (pid && atol(pid) != (long)getpid()))
		return;
	watchdog_ms = atoll(usec) / 2000;
	if (watchdog_ms > 0)
		still_here(&watchdog);
}
