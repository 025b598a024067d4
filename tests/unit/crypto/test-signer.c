// SPDX-License-Identifier: LGPL-2.1-or-later
/* Owner's keys: making them, certificates of all kinds, signing with files and with a token. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <openssl/pem.h>

#include "../../../abi/error.h"
#include "../../../lib/crypto/cert.h"
#include "../../../lib/crypto/signer.h"
#include "../../../lib/crypto/verify.h"
#include "../base/testdata.h"

static char *dir;

static const char *in_dir(const char *name)
{
	static char paths[4][300];
	static int next;
	char *p = paths[next++ % 4];

	snprintf(p, sizeof(paths[0]), "%s/%s", dir, name);
	return p;
}

/* openssl(1) makes what signer_create() does not. */
static int openssl(const char *fmt, ...)
{
	char args[1024], cmd[1400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(args, sizeof(args), fmt, ap);
	va_end(ap);
	snprintf(cmd, sizeof(cmd), "cd '%s' && openssl %s >log 2>&1 || { cat log; false; }", dir,
		 args);
	return system(cmd);
}

static int concatenate(const char *files, const char *to)
{
	char cmd[512];

	snprintf(cmd, sizeof(cmd), "cd '%s' && cat %s >%s", dir, files, to);
	return system(cmd);
}

static int set_up(void **state)
{
	dir = temp_dir();
	return dir ? 0 : -1;
}

static int tear_down(void **state)
{
	temp_dir_remove(dir);
	return 0;
}

static int pass(char *buf, int size, const char *what, void *arg)
{
	if (!arg)
		return -1;
	return snprintf(buf, (size_t)size, "%s", (const char *)arg);
}

/* Signs with what @cfg names, and checks with the certificate alone. Returns the error, if any. */
static int sign_and_check(const struct signer_config *cfg, enum digest_algo algo,
			  enum digest_algo expected, struct err *e)
{
	static const char payload[] = "a list";
	struct cert_set set = {0};
	struct verify_info info;
	struct signer *s = NULL;
	struct buf sig = BUF_INIT;
	int r = signer_open(cfg, &s, e);

	if (!r)
		r = signer_sign(s, algo, payload, sizeof(payload), &sig, e);
	if (!r) {
		const struct cert *c = signer_cert(s);

		assert_int_equal(cert_set_read(&set, c->der, c->der_len, "cert", 0, e), 1);
		assert_int_equal(
			verify_list(payload, sizeof(payload), sig.data, sig.len, &set, &info, e),
			0);
		assert_int_equal(info.digest, expected);
		assert_int_equal(
			verify_list("b list", sizeof(payload), sig.data, sig.len, &set, NULL, e),
			-DIGLIM_E_SIG_INVALID);
	}
	cert_set_done(&set);
	buf_free(&sig);
	signer_close(s);
	return r;
}

static void a_key_is_made_and_signs(void **state)
{
	struct signer_config cfg = {.key = in_dir("own.key"), .cert = in_dir("own.pem")};
	struct cert_set set = {0};
	struct stat st;
	struct err e;

	assert_int_equal(
		signer_create(cfg.key, cfg.cert, "M\xc3\xbcller's machines", 3650, NULL, NULL, &e),
		0);
	assert_int_equal(stat(cfg.key, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(cert_set_read_file(&set, cfg.cert, 0, &e), 1);
	assert_int_equal(set.certs[0]->kind, CERT_X509);
	assert_int_equal(set.certs[0]->state, CERT_USABLE);
	assert_int_equal(set.certs[0]->bits, 3072);
	assert_string_equal(set.certs[0]->owner, "CN=M\xc3\xbcller's machines");
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), 0);
	assert_int_equal(sign_and_check(&cfg, DIGEST_SHA384, DIGEST_SHA384, &e), 0);
	assert_int_equal(sign_and_check(&cfg, DIGEST_SHA512, DIGEST_SHA512, &e), 0);
	assert_int_equal(signer_create(cfg.key, in_dir("x.pem"), "x", 1, NULL, NULL, &e), -EEXIST);
	assert_int_equal(signer_create(in_dir("x.key"), cfg.cert, "x", 1, NULL, NULL, &e), -EEXIST);
	assert_int_equal(signer_create(in_dir("x.key"), in_dir("x.pem"), "", 1, NULL, NULL, &e),
			 -EINVAL);
	assert_int_equal(signer_create(in_dir("x.key"), in_dir("x.pem"), "x", 0, NULL, NULL, &e),
			 -EINVAL);
	assert_int_equal(stat(in_dir("x.key"), &st), -1);
	cert_set_done(&set);
}

static void encrypted_keys(void **state)
{
	struct signer_config cfg = {
		.key = in_dir("enc.key"), .cert = in_dir("enc.pem"), .pass = pass};
	struct err e;

	assert_int_equal(signer_create(cfg.key, cfg.cert, "x", 10, pass, (void *)"secret", &e), 0);
	cfg.pass_arg = (void *)"secret";
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), 0);
	cfg.pass_arg = (void *)"wrong";
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -EINVAL);
	cfg.pass_arg = NULL;
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -EACCES);
	cfg.pass = NULL; /* and nobody is asked on the terminal */
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -EACCES);
	assert_non_null(strstr(e.text, "encrypted"));
	/* Asked for a passphrase and given none: no key without encryption. */
	assert_int_equal(
		signer_create(in_dir("no.key"), in_dir("no.pem"), "x", 10, pass, (void *)"", &e),
		-ECANCELED);
	assert_int_equal(access(in_dir("no.key"), F_OK), -1);
	assert_int_equal(access(in_dir("no.pem"), F_OK), -1);
}

/* The certificate own.pem as if its time were over. */
static void make_expired(const char *path)
{
	FILE *f = fopen(in_dir("own.pem"), "r");
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
	EVP_PKEY *key;

	fclose(f);
	f = fopen(in_dir("own.key"), "r");
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	assert_true(x && key);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), -7200));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), -3600));
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	f = fopen(path, "w");
	assert_true(PEM_write_X509(f, x));
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}

/* The kernel takes the lists of an expired certificate: none may be made. */
static void expired_certificates(void **state)
{
	struct signer_config cfg = {.key = in_dir("own.key"), .cert = in_dir("expired.pem")};
	struct err e;

	make_expired(cfg.cert);
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -EKEYEXPIRED);
	assert_non_null(strstr(e.text, "expired on 20"));
	assert_non_null(strstr(e.text, "diglim key create"));
}

static void elliptic_curves(void **state)
{
	struct signer_config cfg = {.key = in_dir("ec.pem")};
	struct err e;

	assert_int_equal(openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
				 "-subj /CN=p256 -keyout k -out c"),
			 0);
	assert_int_equal(concatenate("k c", "ec.pem"), 0);
	/* Key and certificate in one file. */
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), 0);
	assert_int_equal(openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes "
				 "-subj /CN=p384 -keyout p384.key -out p384.pem"),
			 0);
	cfg.key = in_dir("p384.key");
	cfg.cert = in_dir("p384.pem");
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA384, &e), 0);
	assert_int_equal(openssl("req -x509 -newkey ed25519 -nodes -subj /CN=ed -keyout ed.key "
				 "-out ed.pem"),
			 0);
	cfg.key = in_dir("ed.key");
	cfg.cert = in_dir("ed.pem");
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -EINVAL);
	assert_non_null(strstr(e.text, "cannot check"));
}

static void key_and_certificate_must_match(void **state)
{
	struct signer_config cfg = {.key = in_dir("own.key"), .cert = in_dir("enc.pem")};
	struct err e;

	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -EINVAL);
	assert_non_null(strstr(e.text, "no certificate of the key"));
	/* Several certificates: the key's own is found. */
	assert_int_equal(concatenate("enc.pem p384.pem own.pem", "all.pem"), 0);
	cfg.cert = in_dir("all.pem");
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), 0);
	cfg.cert = in_dir("none.pem");
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -ENOENT);
	cfg.key = in_dir("none.key");
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -ENOENT);
	cfg.key = dir;
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -EISDIR);
	cfg.key = in_dir("own.pem"); /* no private key in it */
	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -EINVAL);
}

static enum cert_state state_of(const char *req)
{
	struct cert_set set = {0};
	enum cert_state r;
	struct err e;

	assert_int_equal(openssl("req -x509 -nodes -subj /CN=x -keyout k -out c.pem %s", req), 0);
	if (cert_set_read_file(&set, in_dir("c.pem"), 0, &e) != 1)
		fail_msg("%s", e.text);
	r = set.certs[0]->state;
	assert_int_equal(cert_has_der(set.certs[0]), r == CERT_USABLE || r == CERT_EXPIRED);
	assert_int_equal(!set.certs[0]->why[0], r == CERT_USABLE);
	cert_set_done(&set);
	return r;
}

static void certificates(void **state)
{
	assert_int_equal(state_of("-newkey rsa:2048"), CERT_USABLE);
	assert_int_equal(state_of("-newkey rsa:1024"), CERT_WEAK);
	assert_int_equal(state_of("-newkey rsa:2304"), CERT_NO_ALGO);
	assert_int_equal(state_of("-newkey rsa:2048 -addext keyUsage=keyCertSign"),
			 CERT_NOT_SIGNING);
	assert_int_equal(state_of("-newkey rsa:2048 -addext keyUsage=digitalSignature"),
			 CERT_USABLE);
	assert_int_equal(state_of("-newkey rsa:2048 -set_serial 0x80"), CERT_USABLE);
	assert_int_equal(state_of("-newkey rsa-pss"), CERT_NO_ALGO);
	assert_int_equal(state_of("-newkey ec -pkeyopt ec_paramgen_curve:secp256k1"), CERT_NO_ALGO);
}

static void broken_certificates(void **state)
{
	struct cert_set set = {0};
	struct err e;
	uint8_t *der;
	size_t len;

	assert_int_equal(cert_set_read_file(&set, in_dir("own.pem"), 0, &e), 1);
	len = set.certs[0]->der_len;
	der = malloc(len + 1);
	memcpy(der, set.certs[0]->der, len);
	cert_set_done(&set);
	der[len - 1] ^= 1; /* its own signature: the kernel would refuse it */
	assert_int_equal(cert_set_read(&set, der, len, "x", 0, &e), 1);
	assert_int_equal(set.certs[0]->state, CERT_BROKEN);
	cert_set_done(&set);
	der[len - 1] ^= 1;
	der[len] = 0;
	assert_true(cert_set_read(&set, der, len + 1, "x", 0, &e) < 0);
	assert_non_null(strstr(e.text, "bytes behind it"));
	for (size_t n = 1; n < len; n++)
		assert_true(cert_set_read(&set, der, n, "x", 0, &e) < 0);
	assert_int_equal(set.n, 0);
	assert_true(cert_set_read_file(&set, in_dir("own.key"), 0, &e) < 0);
	assert_non_null(strstr(e.text, "a private key"));
	free(der);
}

static void unknown_providers(void **state)
{
	struct signer_config cfg = {.key = "nosuch:thing", .provider = "diglim-no-such-provider"};
	struct err e;

	assert_int_equal(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e), -ENOENT);
	assert_non_null(strstr(e.text, "provider cannot be loaded"));
	cfg.provider = NULL;
	assert_true(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e) < 0);
}

/* A token in software stands for every PKCS#11 device. */
static bool make_token(void)
{
	static const char script[] =
		"set -e; d=%s; mkdir $d/tokens; "
		"printf 'directories.tokendir = %%s/tokens\\nobjectstore.backend = file\\n' $d "
		"> $d/softhsm.conf; export SOFTHSM2_CONF=$d/softhsm.conf; "
		"softhsm2-util --init-token --free --label diglim --pin 1234 --so-pin 1234; "
		"openssl pkcs8 -topk8 -nocrypt -in $d/own.key -out $d/own.p8; "
		"softhsm2-util --import $d/own.p8 --token diglim --label own --id 01 --pin 1234";
	char cmd[2000];

	snprintf(cmd, sizeof(cmd), script, dir);
	snprintf(cmd + strlen(cmd), sizeof(cmd) - strlen(cmd), " >%s/log 2>&1", dir);
	setenv("SOFTHSM2_CONF", in_dir("softhsm.conf"), 1);
	return !system("command -v softhsm2-util >/dev/null") && !system(cmd);
}

static const char *softhsm_module(void)
{
	static const char *const places[] = {
		"/usr/lib/softhsm/libsofthsm2.so",
		"/usr/lib64/softhsm/libsofthsm.so",
		"/usr/lib64/pkcs11/libsofthsm2.so",
	};
	struct stat st;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!stat(places[i], &st))
			return places[i];
	return NULL;
}

static void pkcs11_token(void **state)
{
	struct signer_config cfg = {
		.key = "pkcs11:token=diglim;object=own;type=private",
		.cert = in_dir("own.pem"),
		.pass = pass,
		.pass_arg = (void *)"1234",
	};
	const char *module = softhsm_module();
	struct err e;
	int r;

#ifdef __SANITIZE_ADDRESS__
	print_message("SKIP: the address sanitizer does not work with RTLD_DEEPBIND\n");
	skip();
#endif
	if (!module || !make_token()) {
		print_message("SKIP: SoftHSM is not installed\n");
		skip();
	}
	setenv("PKCS11_PROVIDER_MODULE", module, 1);
	r = sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e);
	if (r == -ENOENT && strstr(e.text, "provider cannot be loaded")) {
		print_message("SKIP: OpenSSL's pkcs11 provider is not installed\n");
		skip();
	}
	if (r)
		fail_msg("%s", e.text);
	assert_int_equal(sign_and_check(&cfg, DIGEST_SHA512, DIGEST_SHA512, &e), 0);
	cfg.cert = in_dir("enc.pem"); /* somebody else's */
	assert_true(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e) < 0);
	cfg.cert = in_dir("own.pem");
	cfg.key = "pkcs11:token=diglim;object=other;type=private";
	assert_true(sign_and_check(&cfg, DIGEST_NONE, DIGEST_SHA256, &e) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_made_and_signs),
		cmocka_unit_test(encrypted_keys),
		cmocka_unit_test(expired_certificates),
		cmocka_unit_test(elliptic_curves),
		cmocka_unit_test(key_and_certificate_must_match),
		cmocka_unit_test(certificates),
		cmocka_unit_test(broken_certificates),
		cmocka_unit_test(unknown_providers),
		cmocka_unit_test(pkcs11_token),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
