/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <keyutils.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../abi/error.h"
#include "keyring.h"

/* Root's processes may search and change it until the seal; others may not even see it. */
#define KEYRING_PERM (KEY_POS_ALL | KEY_USR_ALL)

/* Nobody's: no distribution hands out uids above 2^31. */
#define ANCHOR_UID 0xd1611700U

/* @name NULL: the anchor itself. */
static int32_t in_anchor(const char *name)
{
	long serial;

	/* Whose user keyring is meant follows from the real uid; the owner of keys from the others.
	 */
	if (setresuid(ANCHOR_UID, 0, 0))
		return -errno;
	/*
	 * Permissions are only set by who possesses the keyring: who reaches it from the session
	 * keyring. A login's or a service's leads to the user keyring of root instead.
	 */
	if (keyctl_join_session_keyring(NULL) < 0 ||
	    keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING))
		return -errno;
	if (!name)
		serial = keyctl_get_keyring_ID(KEY_SPEC_USER_KEYRING, 1);
	else
		serial = add_key("keyring", name, NULL, 0, KEY_SPEC_USER_KEYRING);
	if (serial > 0 && name && keyctl_setperm((key_serial_t)serial, KEYRING_PERM))
		return -errno;
	return serial < 0 ? -errno : (int32_t)serial;
}

/* In a child, which alone gets the other uid. Returns the serial or -errno. */
static int32_t ask_child(const char *name)
{
	int32_t answer = -EIO;
	int pipes[2];
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child == 0) {
		answer = in_anchor(name);
		_exit(write(pipes[1], &answer, sizeof(answer)) != sizeof(answer));
	}
	close(pipes[1]);
	if (child < 0)
		answer = -errno;
	else if (read(pipes[0], &answer, sizeof(answer)) != sizeof(answer))
		answer = -EIO;
	close(pipes[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	return answer;
}

int keyring_open(const char *name, int32_t *ret, struct err *e)
{
	int32_t serial = ask_child(name);

	if (serial < 0)
		return err_set(e, serial, "keyring %s: %s", name, strerror(-serial));
	*ret = serial;
	return 0;
}

int keyring_anchor(int32_t *ret, struct err *e)
{
	int32_t serial = ask_child(NULL);

	if (serial < 0)
		return err_set(e, serial, "anchor of the keyrings: %s", strerror(-serial));
	*ret = serial;
	return 0;
}

int keyring_add_cert(int32_t keyring, const char *description, const void *der, size_t len,
		     int32_t *ret, struct err *e)
{
	key_serial_t serial = add_key("asymmetric", description, der, len, keyring);

	if (serial >= 0) {
		*ret = serial;
		return 0;
	}
	if (errno == ENOPKG)
		return err_set(e, -DIGLIM_E_SIG_NO_ALGO,
			       "key %s: this kernel lacks the public-key or hash algorithm",
			       description);
	return err_set(e, -errno, "key %s: the kernel does not take the certificate: %s",
		       description, strerror(errno));
}

int keyring_count(int32_t keyring, struct err *e)
{
	long bytes = keyctl_read(keyring, NULL, 0);

	if (bytes < 0)
		return err_set(e, -errno, "keyring %d: %s", keyring, strerror(errno));
	return (int)((size_t)bytes / sizeof(key_serial_t));
}

int keyring_clear(int32_t keyring, struct err *e)
{
	if (keyctl_clear(keyring))
		return err_set(e, -errno, "keyring %d: %s", keyring, strerror(errno));
	return 0;
}
