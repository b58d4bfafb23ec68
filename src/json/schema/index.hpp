/* Finds the subschemas of a schema, checks their keywords and resolves their references. Does not
 * depend on PostgreSQL. */
#pragma once

#include "json/schema/places.hpp"
#include "json/schema/shape.hpp"
#include "json/schema/uri.hpp"

namespace opigno::json::schema {

/* A schema with an identifier of its own, or the root. */
struct IndexedResource {
    std::string_view uri;
    PlaceId root;
};

struct IndexedAnchor {
    std::string_view name; /* "" for $recursiveAnchor */
    std::uint32_t resource;
    PlaceId place;
};

class Index {
  public:
    Index(Arena &arena, const Options &options, Places &places)
        : arena_(&arena), options_(&options), places_(&places), by_uri_(arena), by_anchor_(arena),
          patterns_(arena)
    {
    }

    /* The schema becomes place 0. */
    void build(const Value &schema);

    [[nodiscard]] std::uint32_t resources() const { return static_cast<std::uint32_t>(resources_.size()); }
    [[nodiscard]] std::size_t dynamic_anchors() const { return dynamic_.size(); }
    [[nodiscard]] const IndexedAnchor &dynamic_anchor(std::size_t at) const { return dynamic_[at]; }
    [[nodiscard]] const Pattern *pattern(std::string_view source) const { return patterns_.find(source); }

  private:
    struct Pending {
        PlaceId place;
        std::string_view keyword;
        std::string_view text;
    };

    void examine(PlaceId place);
    void examine_members(PlaceId place, const Value &schema);
    void identify(PlaceId place, const Value &schema);
    void choose_draft(PlaceId place, const Value &dialect);
    void add_resource(PlaceId place, std::string_view keyword, const Value &identifier);
    void add_anchors(PlaceId place, const Value &schema);
    void add_anchor(PlaceId place, std::string_view keyword, std::string_view name);
    void check(PlaceId place, const KeywordEntry &entry, const Value &value);
    void check_pattern(PlaceId place, Step step, std::string_view source, std::string_view what);
    void check_format(PlaceId place, std::string_view keyword, std::string_view name);

    /* Add the subschemas in the value of a keyword. */
    void add_subschemas(PlaceId place, const KeywordEntry &entry, const Value &value);
    void add_elements(PlaceId place, std::string_view keyword, const Value &array);
    void add_members(PlaceId place, const KeywordEntry &entry, const Value &object);
    PlaceId add_place(PlaceId parent, Step step, const Value &value);
    void count(PlaceId place, std::size_t keywords);

    void resolve_reference(const Pending &pending);
    PlaceId target_of(const Pending &pending, std::string_view &anchor);
    PlaceId walk(PlaceId root, std::string_view pointer);
    void set_target(PlaceId place, std::string_view keyword, PlaceId target, std::string_view anchor);

    Arena *arena_;
    const Options *options_;
    Places *places_;
    SmallVector<IndexedResource, 1> resources_;
    SmallVector<IndexedAnchor, 1> dynamic_;
    SmallVector<Pending, 1> pending_;
    HashTable<std::string_view, std::uint32_t> by_uri_; /* of resources, plus one */
    HashTable<std::string_view, PlaceId> by_anchor_;    /* "uri#name": plus one */
    Names<const Pattern> patterns_;
    std::size_t keywords_ = 0;
    std::size_t pattern_cost_ = 0;
};

static_assert(std::is_trivially_destructible_v<Index>);

} // namespace opigno::json::schema
