/*
 * libFuzzer over the pure code of src/json: merge, difference, checker. The first byte of an input
 * says what the others are: two documents, or raw bytes for the checker.
 *   fuzz_merge_patch --write_seeds=FOLDER      makes a corpus to start from
 *   fuzz_merge_patch FOLDER                    runs until it finds something
 */
#include "fuzz/merge_laws.hpp"
#include "fuzz/take_document.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace {

using namespace opigno;
using test::Document;

enum Mode : std::uint8_t { patch_of_base, two_documents, no_base, raw_bytes, modes };

void hold(const char *broken)
{
    if (broken == nullptr)
        return;
    std::fprintf(stderr, "broken: %s\n", broken);
    std::abort();
}

/* Never reads outside; whatever it accepts is canonical and can be merged, with results that it accepts. */
void check_raw(std::string_view bytes)
{
    if (test::flaw_of(bytes) != nullptr)
        return;
    const std::string document(bytes);
    const Document tree = test::parsed(document);
    hold(test::container_of(tree) == document ? nullptr : "what is accepted is canonical");
    if (!test::is_object(&tree))
        return;
    const std::string cleaned = test::merge(nullptr, document);
    hold(test::flaw_of(cleaned) == nullptr ? nullptr : "what is accepted can be cleaned");
    const std::string merged = test::merge(&cleaned, document);
    hold(test::flaw_of(merged) == nullptr ? nullptr : "what is accepted can be merged");
    const test::Difference back = test::diff(&merged, cleaned);
    hold(back.exists && test::merge(&merged, back.patch) == cleaned ? nullptr : "there is a way back");
}

void check_documents(Mode mode, std::string_view bytes)
{
    test::Stream stream(bytes);
    test::Taker taker(stream);
    const Document base = taker.take_object();
    if (mode == no_base)
        hold(test::broken_law(nullptr, base));
    else
        hold(test::broken_law(&base, mode == two_documents ? taker.take_object() : taker.take_patch(base)));
}

void write_seed(const std::string &folder, const char *name, Mode mode, const std::string &bytes)
{
    std::ofstream(folder + '/' + name, std::ios::binary) << static_cast<char>(mode) << bytes;
}

/* A few of each mode; for the checker canonical bytes, which are hard to come by from nothing. */
void write_seeds(const std::string &folder)
{
    const std::string wide("\2\3\7\1\5\21", 6);    /* 32 members from "7" on */
    const std::string deep("\3\40\5\14\2\1\3", 7); /* 33 objects, two members inside */
    const std::string small("\0\5\1\3\2\23\7\14\2\1\0\3\5\10\72\4\72", 17);
    int number = 0;
    for (const std::string &first : {wide, deep, small})
        for (const std::string &second : {wide, deep, small})
            for (const Mode mode : {patch_of_base, two_documents, no_base})
                write_seed(folder, ("documents" + std::to_string(number++)).c_str(), mode,
                           first + "\7\1\0\2\6\3\37\4\11\5\1" + second);
    for (const std::string &bytes : {wide, deep, small}) {
        test::Stream stream(bytes);
        write_seed(folder, ("raw" + std::to_string(number++)).c_str(), raw_bytes,
                   test::container_of(test::Taker(stream).take_object()));
    }
    write_seed(folder, "raw_scalar", raw_bytes, test::container_of(test::number(10, 'n')));
    write_seed(folder, "raw_array", raw_bytes,
               test::container_of(test::array({test::string("abc"), test::number(8, 'n'), test::array({})})));
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    constexpr std::string_view option = "--write_seeds=";
    for (int at = 1; at < *count; ++at) {
        const std::string_view argument((*arguments)[at]);
        if (argument.substr(0, option.size()) == option) {
            write_seeds(std::string(argument.substr(option.size())));
            std::exit(0);
        }
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    if (bytes.empty())
        return 0;
    const auto mode = static_cast<Mode>(static_cast<std::uint8_t>(bytes[0]) % modes);
    if (mode == raw_bytes)
        check_raw(bytes.substr(1));
    else
        check_documents(mode, bytes.substr(1));
    return 0;
}
