/* The formats of strings: what each accepts and refuses, beside the cases of the official suite. */
#include "fuzz/host.hpp"
#include "json/schema/format.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace {

using namespace opigno;
using namespace opigno::json::schema;

void expect(std::string_view name, std::initializer_list<std::string> valid,
            std::initializer_list<std::string> invalid)
{
    const test::Arena arena;
    const Format format = format_named(name);
    ASSERT_NE(format, Format::None) << name;
    for (const std::string &text : valid) {
        EXPECT_TRUE(has_format(text, format)) << name << ": " << text;
        if (format < Format::JsonPointer) {
            EXPECT_FALSE(has_format(text + "\n", format)) << name << ": " << text << ", and a new line";
        }
    }
    for (const std::string &text : invalid)
        EXPECT_FALSE(has_format(text, format)) << name << ": " << text;
}

TEST(Format, HasAName)
{
    for (const char *name :
         {"", "Date", "date ", "dates", "hostname", "idn-email", "iri", "uri-template", "color"})
        EXPECT_EQ(format_named(name), Format::None) << name;
    EXPECT_TRUE(has_format("anything", Format::None));
}

TEST(Format, Date)
{
    expect("date", {"0000-01-01", "1996-02-29", "2000-02-29", "2026-12-31"},
           {"", "1900-02-29", "2026-00-01", "2026-13-01", "2026-01-00", "2026-04-31", "2026-4-01", "26-04-01",
            "2026-11-2", "2026-11-290", "2026/11/29", "+2026-11-29", "-2026-11-29", "2026-1\xEF\xBC\x91-29"});
}

TEST(Format, Time)
{
    expect("time",
           {"00:00:00Z", "23:59:59.9z", "12:00:00.123456789012+23:59", "23:59:60Z", "15:59:60-08:00",
            "01:29:60+01:30"},
           {"", "24:00:00Z", "12:60:00Z", "12:00:61Z", "12:00:60Z", "22:59:60Z", "23:59:60+01:00", "12:00:00",
            "12:00:00.Z", "12:00:00+24:00", "12:00:00+01:60", "12:00:00+0100", "12:00Z", "1:00:00Z",
            "12:00:00 Z"});
}

TEST(Format, DateTime)
{
    expect("date-time", {"2026-11-29T03:00:00Z", "2026-11-29t03:00:00.5z", "1998-12-31T23:59:60Z"},
           {"", "2026-11-29", "2026-11-29 03:00:00Z", "2026-11-29T03:00:00", "2026-02-29T03:00:00Z",
            "T03:00:00Z"});
}

TEST(Format, Duration)
{
    expect("duration", {"P1Y", "P1Y2M3DT4H5M6S", "PT1M", "P3W", "PT0S"},
           {"", "P", "PT", "P1", "P1YT", "P1Y1D", "PT1H1S", "P1W1D", "PW", "P1S", "PT1D", "p1d", "P1.5D",
            "-P1D"});
}

TEST(Format, Uuid)
{
    expect("uuid",
           {"2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380",
            "00000000-0000-0000-0000-000000000000"},
           {"", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08-aa98-11ea-b4aa-73b441d163800",
            "2eb8aa08aa9811eab4aa73b441d16380", "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}",
            "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638g"});
}

TEST(Format, Ipv4)
{
    expect(
        "ipv4", {"0.0.0.0", "255.255.255.255", "1.20.100.249"},
        {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1..2.3", "1.2.3.4.", "1.2.3.a", "1.2.3.1000"});
}

TEST(Format, Ipv6)
{
    expect("ipv6",
           {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::8",
            "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1::3:4:5:6:1.2.3.4", "ABCD:ef01::"},
           {"",
            ":",
            "1",
            ":::",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::",
            "1::2::3",
            "1:::2",
            ":1::",
            "1:",
            "1:2:3:4:5:6:7:",
            ":2:3:4:5:6:7:8",
            "12345::",
            "1:2:3:4:5:6:7:1.2.3.4",
            "1:2:3:4:5::6:1.2.3.4",
            "1.2.3.4",
            "1.2.3.4::",
            "::1.2.3",
            "::1.2.3.4:5",
            "fe80::1%eth0",
            "[::1]",
            "::g"});
}

TEST(Format, Email)
{
    const std::string label(63, 'a');
    expect("email",
           {"a@b", "joe.o'neil+x@mail.example.org", "\"joe \\\" bloggs\"@example.org", "\"\"@example.org",
            "a@[127.0.0.1]", "a@[IPv6:::1]", std::string(64, 'a') + "@b", "a@" + label + ".org"},
           {"",
            "a",
            "@b",
            "a@",
            "a@b.",
            "a@.b",
            "a@-b",
            "a@b-",
            "a@b..c",
            ".a@b",
            "a.@b",
            "a..b@c",
            "a b@c",
            "a@b c",
            "\"a@b",
            "\"a\\\"@b",
            "\"\xC3\xA9\"@b",
            "a@[1.2.3]",
            "a@[::1]",
            "a@[127.0.0.1",
            "\xC3\xA9@b",
            "a@\xC3\xA9",
            std::string(65, 'a') + "@b",
            "a@" + label + "a.org",
            "a@" + label + "." + label + "." + label + "." + label});
}

TEST(Format, Uri)
{
    expect("uri",
           {"http://example.org", "HTTP://u:p@example.org:80/a;b/c?d=/?#e/?", "urn:isbn:1", "mailto:a@b",
            "file:///etc", "a+b-c.d:", "http://[::1]:8080/", "http://[v1.a:b]/", "http://%41/%2f",
            "http://a:/"},
           {"",
            "example.org",
            "//example.org",
            "/a",
            "1a:b",
            ":a",
            "http://a b",
            "http://a/%",
            "http://a/%4",
            "http://a/%4g",
            "http://a:b/",
            "http://[::1",
            "http://[::1]a",
            "http://[1.2.3.4]/",
            "http://[v.a]/",
            "http://[vg.a]/",
            "http://a@b@c",
            "http://a/#b#c",
            "http://a/[b]",
            "http://a/\\",
            "http://a/<b>",
            "http://a/\xC3\xA9",
            "http://a/{b}",
            "a b:c"});
    expect("uri-reference", {"", "a", "a/b:c", "./a:b", "//a", "/a", "?a", "#a", "a:b", "..", "//"},
           {"1:b", ":", "%zz", "a b", "#a#b", "[a]", "//a:b", "\xC3\xA9"});
}

TEST(Format, JsonPointer)
{
    expect("json-pointer", {"", "/", "/a/b", "/~0~1", "/a//", "/\xC3\xA9"},
           {"a", "#", "/~", "/~2", "/a~", "/~a/"});
    expect("relative-json-pointer", {"0", "0#", "1/a", "10/~0"},
           {"", "#", "/", "01", "-1", "0##", "0#/a", "1/~", "a"});
}

TEST(Format, Regex)
{
    expect("regex", {"", "a|b", "(?=a)"}, {"(", "\\Z", "a{"});
}

} // namespace
