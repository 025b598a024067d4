/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each key of diglim.conf(5) may be set to, and what it sets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "configkeys.h"
#include "../../abi/limits.h"

#define MAX_LISTS_LIMIT (1U << 20)
#define RING_MIN	4096U
#define RING_MAX	(1U << 30)
#define SPOOL_MIN	(64U << 10)

int config_mode_parse(const char *text, enum diglim_mode *ret)
{
	static const char *const name[] = {
		[DIGLIM_MODE_OFF] = "off",
		[DIGLIM_MODE_AUDIT] = "audit",
		[DIGLIM_MODE_ENFORCE] = "enforce",
	};

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
		if (strcmp(text, name[i]) == 0) {
			*ret = (enum diglim_mode)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* Digits and one unit; the table gives each unit's factor. */
static int parse_scaled(const char *text, const char *units, const uint64_t *factor, uint64_t *ret)
{
	unsigned long long value;
	const char *unit;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -EINVAL;
	if (*end) {
		unit = strchr(units, *end);
		if (!unit || end[1] || value > UINT64_MAX / factor[unit - units])
			return -EINVAL;
		value *= factor[unit - units];
	}
	*ret = value;
	return 0;
}

int config_size_parse(const char *text, uint64_t *ret)
{
	static const uint64_t factor[] = {1ULL << 10, 1ULL << 20, 1ULL << 30};

	return parse_scaled(text, "KMG", factor, ret);
}

int config_span_parse(const char *text, uint64_t *ret)
{
	static const uint64_t factor[] = {1, 60, 3600, 86400};
	uint64_t value;

	if (parse_scaled(text, "smhd", factor, &value) || !value)
		return -EINVAL;
	*ret = value;
	return 0;
}

static const char *set_mode(struct config *c, const char *value)
{
	return config_mode_parse(value, &c->mode) ? "off, audit or enforce" : NULL;
}

static const char *set_headroom(struct config *c, const char *value)
{
	char *end;
	unsigned long percent = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || strcmp(end, "%") != 0 || percent > 1000)
		return "a percentage from 0% to 1000%";
	c->headroom = (uint32_t)percent;
	return NULL;
}

static bool parse_bounded(const char *value, uint64_t min, uint64_t max, uint64_t *ret)
{
	return !config_size_parse(value, ret) && *ret >= min && *ret <= max;
}

static const char *set_max_lists(struct config *c, const char *value)
{
	uint64_t n;

	if (!parse_bounded(value, 1, MAX_LISTS_LIMIT, &n))
		return "a number from 1 to 1048576";
	c->max_lists = (uint32_t)n;
	return NULL;
}

static const char *set_buffer(struct config *c, const char *value)
{
	uint64_t n;

	/* The last page of the 4 MiB that an array map may take is the kernel's. */
	if (!config_size_parse(value, &n) && n == 4U << 20)
		n = DIGLIM_INGEST_MAX;
	else if (!parse_bounded(value, DIGLIM_INGEST_MIN, DIGLIM_INGEST_MAX, &n))
		return "a size from 64K to 4M";
	c->ingest_buffer = (uint32_t)n;
	return NULL;
}

static const char *set_ring(struct config *c, const char *value)
{
	uint64_t n;

	if (!parse_bounded(value, RING_MIN, RING_MAX, &n) || (n & (n - 1)))
		return "a power of two from 4K to 1G";
	c->ring = (uint32_t)n;
	return NULL;
}

static const char *set_spool(struct config *c, const char *value)
{
	return parse_bounded(value, SPOOL_MIN, UINT64_MAX / 4, &c->spool)
		       ? NULL
		       : "a size of at least 64K";
}

static const char *set_bool(bool *ret, const char *value)
{
	*ret = strcmp(value, "yes") == 0;
	return *ret || strcmp(value, "no") == 0 ? NULL : "yes or no";
}

static const char *set_tell_user(struct config *c, const char *value)
{
	return set_bool(&c->tell_user, value);
}

static const char *set_hash_limit(struct config *c, const char *value)
{
	return parse_bounded(value, 4096, UINT64_MAX, &c->hash_limit) ? NULL
								      : "a size of at least 4K";
}

static const char *set_flag(struct config *c, uint32_t flag, const char *value)
{
	bool on;
	const char *right = set_bool(&on, value);

	c->flags = on ? c->flags | flag : c->flags & ~flag;
	return right;
}

static const char *set_strict(struct config *c, const char *value)
{
	return set_flag(c, DIGLIM_CONTROL_STRICT_FS, value);
}

static const char *set_immutable(struct config *c, const char *value)
{
	return set_flag(c, DIGLIM_CONTROL_IMMUTABLE, value);
}

static const char *set_allow_bpf(struct config *c, const char *value)
{
	return set_flag(c, DIGLIM_CONTROL_ALLOW_BPF, value);
}

static const char *set_allow_ptrace(struct config *c, const char *value)
{
	return set_flag(c, DIGLIM_CONTROL_ALLOW_PTRACE, value);
}

static const char *set_allow_mapper(struct config *c, const char *value)
{
	return set_flag(c, DIGLIM_CONTROL_ALLOW_MAPPER, value);
}

/* Allowed unless said otherwise: the words are of the owner's wish, the flag is of the refusal. */
static const char *set_denial(struct config *c, uint32_t flag, const char *value)
{
	bool deny = strcmp(value, "deny") == 0;

	set_flag(c, flag, deny ? "yes" : "no");
	return deny || strcmp(value, "allow") == 0 ? NULL : "allow or deny";
}

static const char *set_command(struct config *c, const char *value)
{
	return set_denial(c, DIGLIM_CONTROL_DENY_COMMAND, value);
}

static const char *set_stdin(struct config *c, const char *value)
{
	return set_denial(c, DIGLIM_CONTROL_DENY_STDIN, value);
}

/* The number of @value among @words, or -1. */
static int one_of(const char *const *words, int n, const char *value)
{
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], value) == 0)
			return i;
	return -1;
}

static const char *set_scope(struct config *c, const char *value)
{
	static const char *const words[DIGLIM_SCOPE_MAX] = {"all", "root", "system"};
	int i = one_of(words, DIGLIM_SCOPE_MAX, value);

	c->scope = i < 0 ? DIGLIM_SCOPE_ALL : (uint32_t)i;
	return i < 0 ? "all, root or system" : NULL;
}

static const char *set_anonymous(struct config *c, const char *value)
{
	static const char *const words[DIGLIM_ANONYMOUS_MAX] = {"allow", "deny", "per-program"};
	int i = one_of(words, DIGLIM_ANONYMOUS_MAX, value);

	c->anonymous = i < 0 ? DIGLIM_ANONYMOUS_ALLOW : (uint32_t)i;
	return i < 0 ? "allow, deny or per-program" : NULL;
}

static const char *set_interpreters(struct config *c, const char *value)
{
	static const char *const words[DIGLIM_INTERPRETERS_MAX] = {"off", "on", "strict"};
	int i = one_of(words, DIGLIM_INTERPRETERS_MAX, value);

	c->interpreters = i < 0 ? DIGLIM_INTERPRETERS_OFF : (uint32_t)i;
	return i < 0 ? "off, on or strict" : NULL;
}

static const char *set_unvouched(struct config *c, const char *value)
{
	static const char *const words[CONFIG_UNVOUCHED_MAX] = {"warn", "refuse"};
	int i = one_of(words, CONFIG_UNVOUCHED_MAX, value);

	c->unvouched = i < 0 ? CONFIG_WARN : (enum config_unvouched)i;
	return i < 0 ? "warn or refuse" : NULL;
}

static const char *set_text(char dst[CONFIG_TEXT_MAX], const char *value)
{
	size_t len = strlen(value);

	if (!len || len >= CONFIG_TEXT_MAX)
		return "a value that is not empty";
	memcpy(dst, value, len + 1);
	return NULL;
}

static const char *set_interpreter_names(struct config *c, const char *value)
{
	return set_text(c->interpreter_names, value);
}

static const char *set_sign_key(struct config *c, const char *value)
{
	return set_text(c->sign_key, value);
}

static const char *set_sign_cert(struct config *c, const char *value)
{
	return set_text(c->sign_cert, value);
}

static const char *set_sign_provider(struct config *c, const char *value)
{
	return set_text(c->sign_provider, value);
}

static const char *set_untraced(struct config *c, const char *value)
{
	static const char *const words[] = {"warn", "refuse", "sign"};
	int i = one_of(words, 3, value);

	c->untraced = i < 0 ? CONFIG_UNTRACED_WARN : (enum config_untraced)i;
	return i < 0 ? "warn, refuse or sign" : NULL;
}

static const char *set_start(struct config *c, const char *value)
{
	static const char *const words[CONFIG_START_MAX] = {"no", "late", "early"};
	int i = one_of(words, CONFIG_START_MAX, value);

	c->start = i < 0 ? CONFIG_START_NO : (enum config_start)i;
	return i < 0 ? "no, late or early" : NULL;
}

static const char *set_on_failure(struct config *c, const char *value)
{
	c->stop_on_failure = strcmp(value, "stop") == 0;
	return c->stop_on_failure || strcmp(value, "continue") == 0 ? NULL : "continue or stop";
}

static const char *set_seal(struct config *c, const char *value)
{
	return set_bool(&c->seal, value);
}

static const char *set_register(struct config *c, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	c->seal_register = CONFIG_NO_REGISTER;
	if (strcmp(value, "no") == 0)
		return NULL;
	if (*value < '0' || *value > '9' || *end || n > CONFIG_REGISTER_MAX)
		return "no or a number from 0 to 15: others can be reset while the machine runs";
	c->seal_register = (int)n;
	return NULL;
}

static const char *set_log(struct config *c, const char *value)
{
	return set_bool(&c->measure_log, value);
}

static const char *set_gate(struct config *c, const char *value)
{
	bool on = strcmp(value, "on") == 0;

	set_flag(c, DIGLIM_CONTROL_GATE, on ? "yes" : "no");
	return on || strcmp(value, "off") == 0 ? NULL : "on or off";
}

const struct config_key config_keys[] = {
	{"mode", "default", set_mode},
	{"store", "headroom", set_headroom},
	{"store", "max-lists", set_max_lists},
	{"ingest", "buffer", set_buffer},
	{"events", "ring", set_ring},
	{"events", "spool", set_spool},
	{"events", "tell-user", set_tell_user},
	{"hash", "limit", set_hash_limit},
	{"filesystems", "strict", set_strict},
	{"policy", "scope", set_scope},
	{"policy", "anonymous-exec", set_anonymous},
	{"policy", "interpreters", set_interpreters},
	{"policy", "interpreter-names", set_interpreter_names},
	{"policy", "interpreter-command", set_command},
	{"policy", "interpreter-stdin", set_stdin},
	{"policy", "immutable", set_immutable},
	{"guard", "allow-bpf", set_allow_bpf},
	{"guard", "allow-ptrace", set_allow_ptrace},
	{"guard", "allow-device-mapper", set_allow_mapper},
	{"packages", "unvouched", set_unvouched},
	{"sign", "key", set_sign_key},
	{"sign", "cert", set_sign_cert},
	{"sign", "provider", set_sign_provider},
	{"apt", "untraced", set_untraced},
	{"boot", "start", set_start},
	{"boot", "on-failure", set_on_failure},
	{"boot", "seal", set_seal},
	{"attest", "register", set_register},
	{"attest", "log", set_log},
	{"attest", "gate", set_gate},
};

const size_t config_keys_n = sizeof(config_keys) / sizeof(*config_keys);
_Static_assert(sizeof(config_keys) / sizeof(*config_keys) <= CONFIG_KEYS_MAX,
	       "a bit of what was seen for every key");
