#include "guardian/inlet.h"

#include "common/base/fd.h"
#include "common/base/fifo.h"
#include "common/depot/names.h"
#include "common/ops/operations.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

void inlet_open(struct inlet *inlet, int process_dir, void (*has_room)(struct inlet *inlet))
{
	*inlet = (struct inlet){ .process_dir = process_dir, .fd = -1, .room.fd = -1, .has_room = has_room };
}

void inlet_close(struct inlet *inlet)
{
	loop_unwatch(&inlet->room);
	fd_close(&inlet->fd);
}

bool inlet_hold(struct inlet *inlet)
{
	if (inlet->fd < 0)
		inlet->fd = fifo_open(inlet->process_dir, NAME_STDIN, O_RDWR);
	if (inlet->fd < 0)
		return false;
	inlet->holders++;
	return true;
}

int inlet_release(struct inlet *inlet, struct error *err)
{
	if (--inlet->holders)
		return 0;
	inlet_close(inlet);
	return process_close_input(inlet->process_dir, err);
}

static void room_ready(struct watch *watch, uint32_t events)
{
	struct inlet *inlet = owner_of(watch, struct inlet, room);

	(void)events;
	loop_unwatch(watch);
	inlet->has_room(inlet);
}

size_t inlet_write(struct inlet *inlet, const char *data, size_t len)
{
	size_t written = 0;

	while (written < len) {
		ssize_t n = write(inlet->fd, data + written, len - written);

		if (n > 0) {
			written += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			if (inlet->room.fd < 0 && loop_watch(&inlet->room, inlet->fd, EPOLLOUT, room_ready) < 0)
				return len; /* as good as gone: nobody would ever go on */
			return written;
		} else if (n == 0 || errno != EINTR) {
			return len;
		}
	}
	return written;
}
