/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common-kernel.h"
#include "common-cert.h"
#include "../../abi/error.h"
#include "../../lib/engine/keyring.h"
#include "../../lib/output/text.h"
#include "../../lib/output/names.h"

int kernel_open(struct engine **ret, struct err *e)
{
	int r = engine_is_attached(e);

	if (r < 0)
		return r;
	if (!r)
		return err_set(e, -ENOENT, "DIGLIM is not attached: 'diglim attach' attaches it");
	return engine_open(ret, e);
}

int kernel_rings(struct engine *g, struct kernel_rings *ret, struct err *e)
{
	struct engine_status s;
	int r = engine_status_get(g, &s, e);

	if (r)
		return r;
	ret->serial[KEYS_VENDOR] = s.control.vendor_keyring;
	ret->serial[KEYS_OWNER] = s.control.owner_keyring;
	ret->serial[KEYS_RESTRICTED] = s.control.restricted_keyring;
	return 0;
}

/* The keyring shows this in /proc/keys: the owner's name would not be safe there. */
static int add_cert(int32_t ring, const struct cert *c, struct err *e)
{
	char description[CERT_HEX_MAX + 16], fpr[CERT_HEX_MAX];
	int32_t serial;

	snprintf(description, sizeof(description), "diglim:%s", cert_fingerprint(c, fpr));
	return keyring_add_cert(ring, description, c->der, c->der_len, &serial, e);
}

int kernel_add_certs(int32_t ring, const struct cert_set *set, size_t *failed, struct err *e)
{
	char fpr[CERT_HEX_MAX];
	int added = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct err one = {0};
		int r;

		if (!cert_has_der(set->certs[i]))
			continue;
		r = add_cert(ring, set->certs[i], &one);
		if (r == -ENOMEM || r == -EDQUOT || r == -EPERM || r == -EACCES)
			return err_set(e, r, "%s", one.text);
		if (r) {
			cli_say("the kernel refuses key %s: %s",
				cert_fingerprint(set->certs[i], fpr), one.text);
			++*failed;
		} else {
			added++;
		}
	}
	return added;
}

int kernel_fill_rings(const struct kernel_rings *rings, const struct keys *keys, size_t *failed,
		      struct err *e)
{
	for (int kind = 0; kind < KEYS_KINDS; kind++) {
		int r = keyring_clear(rings->serial[kind], e);

		if (!r)
			r = kernel_add_certs(rings->serial[kind], &keys->set[kind], failed, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int kernel_refill_rings(struct cli *c, struct err *e)
{
	struct kernel_rings rings;
	struct engine *g = NULL;
	struct keys left = {0};
	size_t failed = 0;
	int r;

	if (c->places.root[0] || engine_is_attached(NULL) <= 0)
		return 0;
	r = engine_refuse_sealed(e);
	if (r)
		return r;
	r = engine_open(&g, e);
	if (!r)
		r = keys_read(&left, &c->places, e);
	if (!r)
		r = kernel_rings(g, &rings, e);
	if (!r)
		r = kernel_fill_rings(&rings, &left, &failed, e);
	keys_done(&left);
	engine_close(g);
	return r < 0 ? r : 1;
}

bool kernel_refused_signature(int code)
{
	if (code <= -DIGLIM_E_ROLLBACK && code >= -DIGLIM_E_DENIED)
		return true;
	/* Without its keyring the kernel side could not judge at all. */
	return code <= -DIGLIM_E_NO_SIGNATURE && code >= -DIGLIM_E_SIG_ALGO &&
	       code != -DIGLIM_E_NO_KEYRING;
}

char *kernel_window(const struct engine_status *s, char buf[KERNEL_WINDOW_MAX])
{
	char span[TEXT_SPAN_MAX];

	buf[0] = '\0';
	if (s->control.window_end > s->now_ns)
		snprintf(buf, KERNEL_WINDOW_MAX, "for another %s, then %s again",
			 text_span(span,
				   (s->control.window_end - s->now_ns + 999999999) / 1000000000),
			 names_mode(s->control.mode));
	return buf;
}

uint64_t kernel_wall_time(uint64_t boot_ns)
{
	struct timespec boot, real;
	uint64_t now;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_REALTIME, &real);
	now = (uint64_t)boot.tv_sec * 1000000000 + (uint64_t)boot.tv_nsec;
	return (uint64_t)real.tv_sec - (now > boot_ns ? (now - boot_ns) / 1000000000 : 0);
}
