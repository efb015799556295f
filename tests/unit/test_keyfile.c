/* Key files: what is written can be read, and what others may read is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/algorithms.h"
#include "gateway/keyfile.h"
#include "ledger/failure.h"

static char folder[] = "/tmp/tpx-keyfile-XXXXXX";
static char path[64];

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/a.key", folder);
    return 0;
}

static int remove_file(void **state) {
    (void)state;
    unlink(path);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

static void write_text(const char *text, mode_t mode) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_curve_key_is_read_back_as_written(void **state) {
    (void)state;
    struct curve_key key;
    struct curve_key back;
    struct stat status;
    assert_int_equal(keyfile_curve_generate(&key), 0);
    assert_int_equal(keyfile_curve_save(&key, path, false), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(keyfile_curve_load(&back, path, true), 0);
    assert_string_equal(back.public_z85, key.public_z85);
    assert_string_equal(back.secret_z85, key.secret_z85);
    assert_memory_equal(back.public_key, key.public_key, KEY_BYTES);
}

static void a_file_is_never_written_over(void **state) {
    (void)state;
    struct curve_key key;
    assert_int_equal(keyfile_curve_generate(&key), 0);
    assert_int_equal(keyfile_curve_save(&key, path, false), 0);
    assert_int_equal(keyfile_curve_save(&key, path, false), FAILURE_EXISTS);
}

static void a_secret_that_others_may_read_is_refused(void **state) {
    (void)state;
    struct curve_key key;
    struct curve_key back;
    mode_t modes[] = {0604, 0640, 0644, 0610, 0606};
    assert_int_equal(keyfile_curve_generate(&key), 0);
    assert_int_equal(keyfile_curve_save(&key, path, false), 0);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(keyfile_curve_load(&back, path, true), FAILURE_MALFORMED);
        assert_string_equal(back.secret_z85, "");
    }
}

static void a_public_key_alone_may_be_read_by_all_but_is_no_identity(void **state) {
    (void)state;
    struct curve_key key;
    struct curve_key back;
    assert_int_equal(keyfile_curve_generate(&key), 0);
    assert_int_equal(keyfile_curve_save(&key, path, true), 0);
    assert_int_equal(keyfile_curve_load(&back, path, false), 0);
    assert_string_equal(back.public_z85, key.public_z85);
    assert_string_equal(back.secret_z85, "");
    assert_int_equal(keyfile_curve_load(&back, path, true), FAILURE_MALFORMED);
}

static void two_halves_of_different_keys_are_refused(void **state) {
    (void)state;
    struct curve_key a;
    struct curve_key b;
    char text[256];
    assert_int_equal(keyfile_curve_generate(&a), 0);
    assert_int_equal(keyfile_curve_generate(&b), 0);
    snprintf(text, sizeof text, "tpx-curve-public %s\ntpx-curve-secret %s\n", a.public_z85,
             b.secret_z85);
    write_text(text, 0600);
    assert_int_equal(keyfile_curve_load(&b, path, true), FAILURE_MALFORMED);
}

static void damaged_files_are_refused(void **state) {
    (void)state;
    const char *texts[] = {
        "",
        "tpx-curve-public \n",
        "tpx-curve-public 0123456789012345678901234567890123456789",
        "tpx-curve-public 0123456789012345678901234567890123456789\nmore\n",
        "tpx-curve-public 012345678901234567890123456789012345678\"\n",
        "PRIVATE+KEY+x\n",
    };
    struct curve_key key;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_text(texts[i], 0600);
        assert_int_equal(keyfile_curve_load(&key, path, false), FAILURE_MALFORMED);
    }
}

static void a_signing_key_is_read_back_and_kept_secret(void **state) {
    (void)state;
    struct note_signer signer;
    struct note_signer back;
    assert_int_equal(note_signer_generate(&signer, algorithms_profile(), "tpx.example/unit"), 0);
    assert_int_equal(keyfile_note_save(&signer, path), 0);
    assert_int_equal(keyfile_note_load(&back, path), 0);
    assert_int_equal(back.id, signer.id);
    assert_string_equal(back.name, "tpx.example/unit");
    note_signer_fini(&back);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(keyfile_note_load(&back, path), FAILURE_MALFORMED);
    note_signer_fini(&signer);
}

/* One key in 200 would hold "${" by chance. */
static void a_key_that_is_made_may_stand_between_double_quotes(void **state) {
    struct curve_key key;
    (void)state;
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(keyfile_curve_generate(&key), 0);
        assert_null(strstr(key.public_z85, "${"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_is_made_may_stand_between_double_quotes),
        cmocka_unit_test_teardown(a_curve_key_is_read_back_as_written, remove_file),
        cmocka_unit_test_teardown(a_file_is_never_written_over, remove_file),
        cmocka_unit_test_teardown(a_secret_that_others_may_read_is_refused, remove_file),
        cmocka_unit_test_teardown(a_public_key_alone_may_be_read_by_all_but_is_no_identity,
                                  remove_file),
        cmocka_unit_test_teardown(two_halves_of_different_keys_are_refused, remove_file),
        cmocka_unit_test_teardown(damaged_files_are_refused, remove_file),
        cmocka_unit_test_teardown(a_signing_key_is_read_back_and_kept_secret, remove_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
