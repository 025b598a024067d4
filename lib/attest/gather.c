/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gather.h"
#include "../base/root.h"
#include "../crypto/digest.h"
#include "../format/listfile.h"
#include "../output/names.h"

/* Where installed programs of ours are. What is not there is not part of the state. */
static const char *const programs[] = {
	"/usr/sbin/diglim",
	"/usr/sbin/diglim-init",
	"/usr/sbin/diglimd",
};

static const char *yes_no(uint32_t flags, uint32_t flag)
{
	return flags & flag ? "yes" : "no";
}

static const char *allow_deny(uint32_t flags, uint32_t flag)
{
	return flags & flag ? "deny" : "allow";
}

static int set(struct statement *s, const char *key, const char *value, struct err *e)
{
	char word[64];

	snprintf(word, sizeof(word), "set %s", key);
	return statement_add_word(s, word, *value ? value : "-", e);
}

int gather_settings(struct statement *s, const struct config *c, struct err *e)
{
	static const char *const scope[DIGLIM_SCOPE_MAX] = {"all", "root", "system"};
	static const char *const anonymous[DIGLIM_ANONYMOUS_MAX] = {"allow", "deny", "per-program"};
	static const char *const interpreters[DIGLIM_INTERPRETERS_MAX] = {"off", "on", "strict"};
	char limit[24];
	int r;

	snprintf(limit, sizeof(limit), "%llu", (unsigned long long)c->hash_limit);
	r = statement_add_word(s, "mode", names_mode(c->mode), e);
	r = r ?: statement_add_word(s, "scope", scope[c->scope], e);
	r = r ?: set(s, "allow-bpf", yes_no(c->flags, DIGLIM_CONTROL_ALLOW_BPF), e);
	r = r ?: set(s, "allow-ptrace", yes_no(c->flags, DIGLIM_CONTROL_ALLOW_PTRACE), e);
	r = r ?: set(s, "allow-device-mapper", yes_no(c->flags, DIGLIM_CONTROL_ALLOW_MAPPER), e);
	r = r ?: set(s, "anonymous-exec", anonymous[c->anonymous], e);
	r = r ?: set(s, "gate", yes_no(c->flags, DIGLIM_CONTROL_GATE), e);
	r = r ?: set(s, "hash-limit", limit, e);
	r = r ?: set(s, "immutable", yes_no(c->flags, DIGLIM_CONTROL_IMMUTABLE), e);
	r = r
		    ?: set(s, "interpreter-command",
			   allow_deny(c->flags, DIGLIM_CONTROL_DENY_COMMAND), e);
	r = r ?: set(s, "interpreter-names", c->interpreter_names, e);
	r = r ?: set(s, "interpreter-stdin", allow_deny(c->flags, DIGLIM_CONTROL_DENY_STDIN), e);
	r = r ?: set(s, "interpreters", interpreters[c->interpreters], e);
	return r ?: set(s, "strict", yes_no(c->flags, DIGLIM_CONTROL_STRICT_FS), e);
}

int gather_keys(struct statement *s, const struct keys *keys, struct err *e)
{
	for (int kind = 0; kind < KEYS_KINDS; kind++) {
		const struct cert_set *set = &keys->set[kind];

		for (size_t i = 0; i < set->n; i++) {
			uint8_t digest[DIGLIM_DIGEST_SIZE];
			int r;

			if (!cert_has_der(set->certs[i]))
				continue;
			r = digest_buffer(DIGEST_SHA256, set->certs[i]->der, set->certs[i]->der_len,
					  digest, e);
			r = r ?: statement_add(s, "key", digest, keys_kind_name(kind), e);
			if (r)
				return r;
		}
	}
	return 0;
}

static int gather_program(struct statement *s, const char *root, const char *path, struct err *e)
{
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	struct stat st;
	int fd = root_open_regular(root, path, &st, e), r;

	if (fd < 0)
		return fd;
	r = digest_fd(fd, path, digest, NULL, e);
	close(fd);
	return r ?: statement_add(s, "program", digest, path, e);
}

int gather_programs(struct statement *s, const char *root, struct err *e)
{
	size_t found = 0;

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		int r = gather_program(s, root, programs[i], e);

		if (r && r != -ENOENT && r != -ENOTDIR)
			return r;
		found += !r;
	}
	return found ? 0
		     : err_set(e, -ENOENT, "none of DIGLIM's programs is installed below %s",
			       root && *root ? root : "/");
}

int gather_payload(struct statement *s, const void *payload, size_t len, const char *name,
		   struct err *e)
{
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	int r = digest_buffer(DIGEST_SHA256, payload, len, digest, e);

	return r ?: statement_add(s, "list", digest, *name ? name : "-", e);
}

int gather_list(struct statement *s, const char *path, const struct keys *keys, struct err *why,
		struct err *e)
{
	uint8_t id[DIGLIM_LIST_ID_SIZE];

	return gather_list_id(s, path, keys, id, why, e);
}

int gather_list_id(struct statement *s, const char *path, const struct keys *keys,
		   uint8_t id[DIGLIM_LIST_ID_SIZE], struct err *why, struct err *e)
{
	struct lists_info info;
	struct listfile lf = {0};
	int r = lists_examine(path, keys, &info, NULL, NULL, e);

	if (r)
		return r;
	if (info.verdict) {
		if (why)
			*why = info.refused;
		return 0;
	}
	memcpy(id, info.payload.list_id, DIGLIM_LIST_ID_SIZE);
	r = listfile_read(path, &lf, e);
	r = r ?: gather_payload(s, lf.payload, lf.payload_len, info.name, e);
	listfile_done(&lf);
	return r ?: 1;
}
