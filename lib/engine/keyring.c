/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <keyutils.h>
#include <stdlib.h>
#include <string.h>

#include "../../abi/error.h"
#include "keyring.h"

/* Root's processes may search and change it until the seal; others may not even see it. */
#define KEYRING_PERM (KEY_POS_ALL | KEY_USR_ALL)

int keyring_open(const char *name, int32_t *ret, struct err *e)
{
	long serial = keyctl_search(KEY_SPEC_USER_KEYRING, "keyring", name, 0);

	if (serial < 0 && errno == ENOKEY) {
		serial = add_key("keyring", name, NULL, 0, KEY_SPEC_USER_KEYRING);
		if (serial > 0 && keyctl_setperm((key_serial_t)serial, KEYRING_PERM))
			serial = -1;
	}
	if (serial < 0)
		return err_set(e, -errno, "keyring %s: %s", name, strerror(errno));
	*ret = (int32_t)serial;
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
