/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is the payload signed by somebody whose key is in the keyring that this kind of payload needs?
 *
 * What import checked does not count: form of the PKCS#7, hash algorithm, OpenPGP signature type
 * and version are checked here again, before the kernel's own verification.
 */
#ifndef DIGLIM_BPF_VERIFY_H
#define DIGLIM_BPF_VERIFY_H

#include "ingest.h"

/* A vendor vouches for RPM headers only; everything else is the owner's. */
static __always_inline __s32 keyring_for(const struct diglim_control *c, __u32 format)
{
	return format == DIGLIM_FORMAT_RPM ? c->vendor_keyring : c->owner_keyring;
}

static __always_inline int verify_error(int r)
{
	switch (r) {
	case 0:
		return 0;
	case -EKEYREJECTED:
		return -DIGLIM_E_SIG_INVALID;
	case -ENOKEY:
		return -DIGLIM_E_SIG_NO_KEY;
	case -ENOPKG:
		return -DIGLIM_E_SIG_NO_ALGO;
	case -EKEYEXPIRED:
	case -EKEYREVOKED:
		return -DIGLIM_E_KEY_REVOKED;
	case -EBADMSG:
	case -EINVAL:
		return -DIGLIM_E_SIG_FORMAT;
	}
	return -DIGLIM_E_INTERNAL;
}

/* The kernel's own check, against the keyring with this serial. */
static __always_inline int verify_pkcs7(struct ingest *g, __s32 serial)
{
	struct bpf_dynptr data, sig;
	struct bpf_key *keyring;
	__u32 payload_len = g->payload.len, sig_len = g->sig.len;
	int r;

	asm volatile("" : "+r"(payload_len), "+r"(sig_len));
	if (payload_len > core_buffer_size - DIGLIM_SIG_MAX || sig_len > DIGLIM_SIG_MAX)
		return -DIGLIM_E_TOO_LARGE;
	if (bpf_dynptr_from_mem((void *)g->payload.data + DIGLIM_SIG_MAX, payload_len, 0, &data) ||
	    bpf_dynptr_from_mem((void *)g->sig.data, sig_len, 0, &sig))
		return -DIGLIM_E_INTERNAL;
	keyring = bpf_lookup_user_key(serial, 0);
	if (!keyring)
		return -DIGLIM_E_NO_KEYRING;
	r = bpf_verify_pkcs7_signature(&data, &sig, keyring);
	bpf_key_put(keyring);
	return verify_error(r);
}

/* The guard lets nobody else search the keyrings. Caller holds the lock: one at a time. */
static __always_inline int verify_admitted(struct ingest *g, __s32 serial)
{
	struct internal *in = internal_get();
	int r;

	if (!in)
		return -DIGLIM_E_INTERNAL;
	in->verifier = bpf_get_current_pid_tgid();
	r = verify_pkcs7(g, serial);
	in->verifier = 0;
	return r;
}

/* Keeps what the signature says of its signer, for status and explain. */
static __always_inline void record_signer(struct ingest *g, const struct core_pkcs7 *p)
{
	struct diglim_list_record *rec = &g->slot->record;
	__u32 n = p->serial_len, skip = 0;

	rec->sig_hash = p->hash;
	if (n > sizeof(rec->key_id)) {
		skip = n - sizeof(rec->key_id);
		n = sizeof(rec->key_id);
	}
	rec->key_id_len = n;
	for (__u32 i = 0; i < sizeof(rec->key_id); i++) {
		const __u8 *b = i < n ? core_at(&g->sig, p->serial_off + skip + i, 1) : NULL;

		rec->key_id[i] = b ? *b : 0;
	}
}

/* Form and algorithms of the PKCS#7. */
static __noinline int check_pkcs7(struct ingest *g)
{
	if (core_pkcs7_open(&g->sig, &g->slot->pkcs7, &g->err))
		return -(int)g->err.code;
	record_signer(g, &g->slot->pkcs7);
	return 0;
}

/* Everything up to "this payload is authentic", before anything of it is parsed. */
static __noinline int verify_list(struct ingest *g)
{
	struct diglim_control *c = control_get();
	__u32 format = core_list_format(&g->payload);
	int r;

	if (!c)
		return -DIGLIM_E_INTERNAL;
	if (format == DIGLIM_FORMAT_NONE)
		return g->payload.len ? -DIGLIM_E_FORMAT : -DIGLIM_E_EMPTY;
	r = check_pkcs7(g);
	if (r)
		return r;
	if (keyring_for(c, format) <= 0)
		return -DIGLIM_E_NO_KEYRING;
	return verify_admitted(g, keyring_for(c, format));
}

/*
 * The parsed OpenPGP trailer names the hash, too (version 3 does not: there the PKCS#7 alone
 * decides). Its signature type and version were checked when the list was opened.
 */
static __always_inline int check_trailer(struct ingest *g)
{
	const struct core_list *l = &g->slot->list;

	if (l->format != DIGLIM_FORMAT_RPM || l->trailer.hash == CORE_HASH_UNKNOWN ||
	    l->trailer.hash == g->slot->pkcs7.hash)
		return 0;
	g->err.off = 0;
	return -DIGLIM_E_SIG_TRAILER;
}

#endif
