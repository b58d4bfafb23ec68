/*
 * libFuzzer over the reader of JSON text: each input is a text, read by src/json and the plain way.
 *   fuzz_json_text --write_seeds=FOLDER      makes a corpus to start from
 *   fuzz_json_text FOLDER                    runs until it finds something
 */
#include "fuzz/read_text.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace {

using namespace opigno;

std::string object_of(int members)
{
    std::string text = "{";
    for (int member = 0; member < members; ++member)
        text += (member == 0 ? "\"" : ", \"") + std::to_string(member * 7919 % 101) +
                "\": " + std::to_string(member);
    return text + "}";
}

void write_seeds(const std::string &folder)
{
    const std::string texts[] = {
        R"({"a": [1, 2.50, -0, 1e5, 12345678901234567890], "b": {"": null, "c": true}, "a": false})",
        R"(["\"\\\/\b\f\n\r\t", "\u0041\u00e9\u20AC\uD83D\uDE00", "plain", ""])",
        R"( [ [ ] , { } , [ [ [ "x" ] ] ] ] )",
        R"("scalar")",
        "-12.340",
        "0.00010",
        "null",
        object_of(20),
        object_of(70),
        std::string(130, '[') + std::string(130, ']'),
        R"(["\u0000", "\ud800", "\udc00\ud800", 01, 1., .5, 1e99999, nul, tru, +1])",
    };
    int number = 0;
    for (const std::string &text : texts)
        std::ofstream(folder + "/text" + std::to_string(number++), std::ios::binary) << text;
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
    const char *broken = test::broken_law_of_text({reinterpret_cast<const char *>(data), size});
    if (broken == nullptr)
        return 0;
    std::fprintf(stderr, "broken: %s\n", broken);
    std::abort();
}
