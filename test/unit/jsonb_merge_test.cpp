/* Merge, difference and their limits, against the plain way of test/fuzz/document.hpp. */
#include "fuzz/merge_laws.hpp"
#include "fuzz/take_document.hpp"

#include <gtest/gtest.h>

#include <random>

#include <sys/mman.h>

namespace {

using namespace opigno;
using test::array;
using test::constant;
using test::container_of;
using test::Document;
using test::number;
using test::object;
using test::string;

/* Values whose sizes and paddings differ. */
std::vector<Document> values_of_every_kind()
{
    Document inner = object();
    inner.members["i"] = number(8, 'i');
    return {string(""),
            string("1"),
            string("22"),
            string("333"),
            string("4444"),
            string("55555"),
            number(6, 'a'),
            number(8, 'b'),
            number(10, 'c'),
            array({}),
            object(),
            inner,
            constant(Document::Kind::True),
            array({Document(), string("x")})};
}

const std::vector<Document> &values()
{
    static const std::vector<Document> all = values_of_every_kind();
    return all;
}

/* Even numbers are the base's, odd ones lie between; shorter keys come first. */
std::string key_of(int number)
{
    return std::to_string(number);
}

Document wide(int members, std::size_t phase)
{
    Document made = object();
    for (int member = 0; member < members; ++member)
        made.members[key_of(2 * member + 2)] =
            values()[(phase + static_cast<std::size_t>(member)) % values().size()];
    return made;
}

Document patch_of(const std::string &key, const Document &value)
{
    Document made = object();
    made.members[key] = value;
    return made;
}

void expect_merged(const Document &base, const Document &patch)
{
    const std::string bytes = container_of(base);
    ASSERT_EQ(test::merge(&bytes, container_of(patch)), container_of(test::merged(&base, patch)));
}

/* Strides of entries, and the choice between the two searches, from no member on. */
std::vector<int> widths()
{
    return {0, 1, 2, 3, 16, 31, 32, 33, 34, 63, 64, 65, 96, 128, 129, 200};
}

TEST(JsonbMerge, DeletesAtEveryPlace)
{
    for (const int width : widths())
        for (int place = 0; place <= width; ++place)
            for (std::size_t phase = 0; phase < 2; ++phase)
                expect_merged(wide(width, phase), patch_of(key_of(2 * place + 2), Document()));
}

TEST(JsonbMerge, InsertsAtEveryPlace)
{
    for (const int width : widths())
        for (int place = 0; place <= width; ++place)
            for (std::size_t kind = 0; kind<values().size(); kind += width> 66 ? 5 : 1)
                expect_merged(wide(width, kind / 3), patch_of(key_of(2 * place + 1), values()[kind]));
}

TEST(JsonbMerge, ReplacesAtEveryPlace)
{
    for (const int width : widths())
        for (int place = 0; place < width; ++place)
            for (std::size_t kind = 0; kind<values().size(); kind += width> 66 ? 5 : 1)
                expect_merged(wide(width, kind / 3), patch_of(key_of(2 * place + 2), values()[kind]));
}

/* Two edits with a run between them, of which the first moves what the second finds. */
TEST(JsonbMerge, EditsInPairs)
{
    for (const int width : {5, 33, 65, 200})
        for (int first = 1; first <= 2 * width + 3; first += width > 65 ? 7 : 3)
            for (int second = first + 1; second <= 2 * width + 3; second += width > 65 ? 29 : 5)
                for (std::size_t kind = 0; kind < values().size(); kind += 3) {
                    Document patch = patch_of(key_of(first), values()[kind]);
                    patch.members[key_of(second)] = second % 3 == 0 ? Document() : values()[kind / 2];
                    expect_merged(wide(width, kind), patch);
                }
}

/* The paddings of what is before, what comes in, and what is behind. */
TEST(JsonbMerge, EveryPadding)
{
    for (const Document &before : values())
        for (const Document &value : values())
            for (const Document &behind : values())
                for (std::size_t length = 0; length < 4; ++length) {
                    Document base = object();
                    base.members[std::string(length, 'k')] = before;
                    base.members["zzzzzz"] = behind;
                    expect_merged(base, patch_of("yyyy", value));
                    expect_merged(base, patch_of(std::string(length, 'k'), value));
                }
}

/*
 * Nothing takes more of the room than numbers that come in between strings: with a padding of three before
 * each and before the number behind it, where the base had none and the patch two, which makes four for an
 * edit.
 */
void expect_room_for(int edits, std::size_t size, std::size_t before, std::size_t behind, std::size_t between)
{
    Document base = object();
    Document patch = object();
    for (int edit = 0; edit < edits; ++edit) {
        const int key = 1000 + 10 * edit;
        base.members[key_of(key)] = number(8, 'b');
        base.members[key_of(key + 1)] = string(std::string(before, 's'));
        patch.members[key_of(key + 2)] = number(size, 'p');
        if (between > 0)
            patch.members[key_of(key + 3)] = string(std::string(between, 't'));
        base.members[key_of(key + 4)] = string(std::string(behind, 'u'));
    }
    ASSERT_EQ(test::broken_law(&base, patch), nullptr) << edits << size << before << behind << between;
}

TEST(JsonbMerge, TheRoomHoldsTheWorstPaddings)
{
    for (const int edits : {1, 33, 100})
        for (const std::size_t size : {6, 7, 8, 9})
            for (std::size_t before = 0; before < 4; ++before)
                for (std::size_t behind = 0; behind < 4; ++behind)
                    for (const std::size_t between : {std::size_t{0}, (8 - size % 4) % 4})
                        expect_room_for(edits, size, before, behind, between);
}

TEST(JsonbMerge, AllLawsHoldForRandomDocuments)
{
    std::mt19937 random(7396);
    for (int round = 0; round < 1500; ++round) {
        std::string bytes(20 + random() % 200, '\0');
        for (char &byte : bytes)
            byte = static_cast<char>(random());
        test::Stream stream(bytes);
        test::Taker taker(stream);
        const Document base = taker.take_object();
        const Document patch = round % 2 == 0 ? taker.take_patch(base) : taker.take_object();
        ASSERT_EQ(test::broken_law(round % 7 == 0 ? nullptr : &base, patch), nullptr) << round;
    }
}

TEST(JsonbMerge, SaysWhenNothingChanges)
{
    Document base = wide(40, 1);
    base.members["in"] = wide(3, 2);
    base.members["null"] = Document();
    const std::string bytes = container_of(base);
    const auto changes = [&](const Document &patch) {
        const test::Arena arena;
        json::Plan plan;
        const std::string by = container_of(patch);
        json::plan_merge(plan, bytes, by, json::Depth::Whole);
        return plan.changes();
    };
    EXPECT_FALSE(changes(object()));
    EXPECT_FALSE(changes(patch_of("absent", Document())));
    EXPECT_FALSE(changes(patch_of("in", object())));
    EXPECT_FALSE(changes(patch_of("in", patch_of("absent", Document()))));
    EXPECT_FALSE(changes(patch_of("in", base.members["in"])));
    EXPECT_TRUE(changes(patch_of("null", Document())));
    EXPECT_TRUE(changes(patch_of("absent", object())));
    EXPECT_TRUE(changes(patch_of("in", patch_of("2", Document()))));
    for (const auto &[key, value] : base.members)
        EXPECT_EQ(changes(patch_of(key, value)), key == "null") << key;
    /* 1.0 is not 1.00, though the numbers are equal. */
    base = patch_of("n", number(8, 'a'));
    const std::string number_bytes = container_of(base);
    EXPECT_NE(test::merge(&number_bytes, container_of(patch_of("n", number(8, 'b')))), number_bytes);
}

TEST(JsonbMerge, TakesNullsOutOfNewObjectsButNotOfArrays)
{
    Document patch = patch_of("gone", Document());
    patch.members["object"] = patch_of("gone", Document());
    patch.members["array"] = array({Document(), patch_of("stays", Document())});
    Document expected = patch;
    expected.members.erase("gone");
    expected.members["object"] = object();
    EXPECT_EQ(test::merge(nullptr, container_of(patch)), container_of(expected));
    const std::string empty = container_of(object());
    EXPECT_EQ(test::merge(&empty, container_of(patch)), container_of(expected));
}

/* The innermost document within that many objects, each the only member "k" of the next. */
std::string within(std::size_t levels, const std::string &innermost)
{
    std::string made;
    for (std::size_t level = 0; level < levels; ++level) {
        const std::size_t size = 16 * (levels - level - 1) + innermost.size();
        made += test::word_bytes(0x20000001) + test::word_bytes(0x80000001) +
                test::word_bytes(0x50000003 + static_cast<std::uint32_t>(size)) + std::string("k\0\0\0", 4);
    }
    return made + innermost;
}

TEST(JsonbMerge, NeedsNoStackForDepth)
{
    constexpr std::size_t levels = 200000;
    const Document old = wide(5, 0);
    Document patch = patch_of(key_of(3), number(6, 'n'));
    patch.members[key_of(4)] = Document();
    const std::string base = within(levels, container_of(old));
    const std::string result = within(levels, container_of(test::merged(&old, patch)));
    EXPECT_TRUE(test::merge(&base, within(levels, container_of(patch))) == result);
    EXPECT_TRUE(test::merge(&base, within(levels, container_of(object()))) == base);
    EXPECT_TRUE(test::merge(nullptr, within(levels, container_of(patch_of("n", Document())))) ==
                within(levels, container_of(object())));
    EXPECT_TRUE(test::diff(&base, result).patch == within(levels, container_of(patch)));
    EXPECT_EQ(test::flaw_of(result), nullptr);
    EXPECT_EQ(test::diff(&base, within(levels, container_of(patch_of("n", Document())))).path.size(),
              levels + 1);
}

TEST(JsonbMerge, CanBeInterruptedInEachLoopOverMembers)
{
    constexpr std::size_t members = 1000;
    const std::string wide_bytes = container_of(wide(members, 0));
    Document nulls = object();
    for (std::size_t member = 0; member < members; ++member)
        nulls.members[key_of(2 * static_cast<int>(member) + 2)] = Document();
    const std::string nulls_bytes = container_of(nulls);
    const auto polls = [](std::string_view base, std::string_view patch) {
        const test::Arena arena;
        json::Plan plan;
        json::plan_merge(plan, base, patch, json::Depth::Whole);
        const std::size_t planned = arena.polls();
        const auto room = test::room_of(base.size() + patch.size() + plan.slack());
        json::write_plan(plan, room.get());
        return std::pair(planned, arena.polls() - planned);
    };
    EXPECT_GE(polls({}, nulls_bytes), std::pair(members, members));
    EXPECT_GE(polls(wide_bytes, nulls_bytes), std::pair(members, members));
    EXPECT_GE(polls(container_of(object()), wide_bytes), std::pair(members, members));
    const test::Arena arena;
    json::Plan plan;
    json::KeyPath path;
    ASSERT_TRUE(json::plan_diff(plan, wide_bytes.data(), container_of(object()).data(), path));
    EXPECT_GE(arena.polls(), members);
}

// ---- limits: memory that is reserved, and read as zeros, but not used ----------------------------

class Reserved {
  public:
    explicit Reserved(std::size_t size)
        : size_(size), at_(static_cast<char *>(mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)))
    {
    }
    Reserved(const Reserved &) = delete;
    Reserved &operator=(const Reserved &) = delete;
    ~Reserved() { munmap(at_, size_); }

    [[nodiscard]] bool is_there() const { return at_ != MAP_FAILED; }
    [[nodiscard]] char *at() const { return at_; }

    /* An object whose only member is a string of zeros, within as many objects "k"; the innermost's data are
     * given. */
    std::string_view set_object(char key, std::uint32_t data, std::size_t levels = 0)
    {
        const std::string head = test::word_bytes(0x20000001) + test::word_bytes(0x80000001) +
                                 test::word_bytes(data - 1) + std::string(1, key);
        std::memcpy(at_ + 16 * levels, head.data(), head.size());
        std::size_t inner = 12 + std::size_t{data};
        for (std::size_t level = levels; level-- > 0; inner += 16) {
            const std::string outer = test::word_bytes(0x20000001) + test::word_bytes(0x80000001) +
                                      test::word_bytes(0x50000003 + static_cast<std::uint32_t>(inner)) +
                                      std::string("k\0\0\0", 4);
            std::memcpy(at_ + 16 * level, outer.data(), outer.size());
        }
        return {at_, inner};
    }

  private:
    std::size_t size_;
    char *at_;
};

constexpr std::uint32_t limit = 0x0FFFFFFF; /* of an object's data */
constexpr std::uint32_t half = 0x08000000;
constexpr std::size_t reserve = 0x11000000;

/* What merging objects of so many bytes of data writes: the length of its data, or 0 where it refuses. */
std::size_t merged_data(std::uint32_t left, std::uint32_t right, std::size_t levels = 0)
{
    Reserved base(reserve);
    Reserved patch(reserve);
    Reserved result(2 * reserve);
    if (!base.is_there() || !patch.is_there() || !result.is_there())
        return 1;
    const test::Arena arena;
    json::Plan plan;
    json::plan_merge(plan, base.set_object('a', left, levels), patch.set_object('b', right, levels),
                     json::Depth::Whole);
    const char *end = json::write_plan(plan, result.at());
    return end == nullptr ? 0 : static_cast<std::size_t>(end - result.at());
}

TEST(JsonbMerge, RefusesWhatAnEntryCannotTell)
{
    const std::size_t size = merged_data(half, limit - half);
    if (size == 1)
        GTEST_SKIP() << "no address space";
    EXPECT_EQ(size, 20 + std::size_t{limit});
    EXPECT_EQ(merged_data(half, limit - half + 1), 0U);
    /* The object itself fits; the one around it has to tell the entries too. */
    EXPECT_EQ(merged_data(half, limit - half - 24, 1), 16 + 20 + std::size_t{limit} - 24);
    EXPECT_EQ(merged_data(half, limit - half - 23, 1), 0U);
}

TEST(JsonbMerge, DifferenceRefusesWhatAnEntryCannotTell)
{
    Reserved target(reserve);
    Reserved result(2 * reserve);
    if (!target.is_there() || !result.is_there())
        GTEST_SKIP() << "no address space";
    const std::string source = container_of(patch_of("b", string("")));
    for (const std::uint32_t data : {limit - 1, limit}) {
        const test::Arena arena;
        json::Plan plan;
        json::KeyPath path;
        ASSERT_TRUE(json::plan_diff(plan, source.data(), target.set_object('a', data).data(), path));
        EXPECT_EQ(json::write_plan(plan, result.at()) == nullptr, data == limit);
    }
}

} // namespace
