#include "dadoo/directory.h"

#include "common/base/error.h"
#include "common/base/lock.h"
#include "common/base/pidfile.h"
#include "common/base/statefile.h"
#include "common/depot/names.h"
#include "dadoo/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void directory_enter(struct directory *dir, const char *path)
{
	dir->path = path;
	dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd < 0)
		give_up("open %s: %s", path, errno_text(errno));
	/* Another dadoo keeps it for good; one who only looks whether there is a dadoo, for a moment. */
	if (lock_take(dir->fd, LOCK_EXCLUSIVE, 1) < 0)
		give_up("lock %s: %s", path, errno == EWOULDBLOCK ? "another dadoo holds it" : errno_text(errno));
	/* dnotify and not inotify, of which a user gets no more than 128 by default: there is a dadoo for each process. A
	 * file that is moved elsewhere counts as deleted. */
	dir->watched = fcntl(dir->fd, F_NOTIFY, DN_DELETE | DN_MULTISHOT) == 0;
}

void directory_sign(const struct directory *dir)
{
	struct identity self;

	if (identity_of(getpid(), &self, NULL) < 0 || identity_save(dir->fd, NAME_SHIM, &self) < 0)
		give_up("write %s/%s: %s", dir->path, NAME_SHIM, errno_text(errno));
}

bool directory_has(const struct directory *dir, const char *name)
{
	return faccessat(dir->fd, name, F_OK, 0) == 0;
}

int directory_leave_code(const struct directory *dir, int code)
{
	char decimal[16];
	int len = snprintf(decimal, sizeof decimal, "%d", code);

	if (statefile_write(dir->fd, NAME_EXITCODE, decimal, (size_t)len, 0600) == 0)
		return 0;
	report("open %s/%s: %s", dir->path, NAME_EXITCODE, errno_text(errno));
	return -1;
}
