#include "fuzz/host.hpp"
#include "fuzz/parse_text.hpp"

#include "json/text/host.hpp"
#include "json/text/string_text.hpp"
#include "json/value/host.hpp"

#include <cstdlib>
#include <cstring>

namespace opigno::test {

Arena &Arena::current()
{
    if (current_ == nullptr)
        std::abort();
    return *current_;
}

} // namespace opigno::test

namespace opigno::json {

void *allocate(std::size_t bytes)
{
    return test::Arena::current().allocate(bytes);
}

void poll()
{
    test::Arena::current().poll();
}

char *write_number(char *to, std::string_view text)
{
    const std::string bytes = test::server_number(text);
    std::memcpy(to, bytes.data(), bytes.size());
    return to + bytes.size();
}

char *write_character(char *to, std::uint32_t point)
{
    return write_utf8(to, point);
}

} // namespace opigno::json
