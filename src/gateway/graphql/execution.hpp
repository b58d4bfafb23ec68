/*
 * Executes the plan of an operation, breadth-first: each field is resolved once, for all objects
 * that have it. So the number of statements does not depend on the number of objects. The fields of
 * a mutation are executed one after the other, each with all below it. Used between SPI_connect and
 * SPI_finish.
 */
#pragma once

#include "gateway/graphql/plan.hpp"
#include "pg/error.hpp"

namespace opigno::graphql {

struct FieldError {
    const char *message;
    int sqlstate; /* 0: none */
    const char *hint;
    const PlanField *field;
    std::uint32_t parent;
};

struct AnswerLimits {
    std::uint64_t values;
    std::uint64_t bytes; /* of the answer; and of the rows that are read for it */
};

class Execution {
  public:
    Execution(const Document &document, const Definition &operation, const Variables &variables,
              AnswerLimits most)
        : document_(document), operation_(operation), variables_(variables), most_(most)
    {
    }

    void run();
    /* Writes the members "errors", if there are any, and "data". Raises 54000 if the answer is too
     * large. */
    void write(json::Writer &out) const;

    [[nodiscard]] const Schema &schema() const { return variables_.schema(); }
    [[nodiscard]] bool is_mutation() const { return operation_.kind == DefinitionKind::Mutation; }
    void add_error(const FieldError &error);
    /* Raises 54000 if the answer has too many values. */
    void count_values(std::size_t more);
    /* Raises 54000 if the rows that were read are too large. */
    void count_read(std::size_t more);
    /* What a room keeps for the execution; nullptr at first. */
    [[nodiscard]] void *&kept() { return kept_; }

  private:
    void execute(PlanField &field);
    void resolve(PlanField &field);
    void fail_all(PlanField &field, const char *message, int sqlstate, const char *hint = nullptr);
    bool fail_all(PlanField &field, const ErrorData &error);
    void report_missing(PlanField &field);
    void propagate_nulls();

    void write_errors(json::Writer &out) const;
    void write_path(json::Writer &out, const PlanField &field, std::uint32_t parent) const;
    void write_object(json::Writer &out, const PlanField &owner, const Objects &objects,
                      std::size_t at) const;
    void write_field(json::Writer &out, const PlanField &field, const Objects &objects, std::size_t at) const;
    void write_objects(json::Writer &out, const PlanField &field, const Cell &cell) const;

    void write_error(json::Writer &out, const FieldError &error, const Positions &positions) const;
    void check_size(std::size_t bytes) const;

    const Document &document_;
    const Definition &operation_;
    const Variables &variables_;
    AnswerLimits most_;
    std::uint64_t values_ = 0;
    std::uint64_t read_ = 0;
    void *kept_ = nullptr;
    Plan plan_;
    Objects root_;
    pg::Vector<FieldError> errors_;
    bool has_errors_ = false;
};

static_assert(std::is_trivially_destructible_v<Execution>);

/* Writes a denial, or an error that is not the request's, to the server log. field: the one that has
 * failed. */
void log_error(const ErrorData &error, int status, std::string_view field);

/* Writes the member "locations" of an error. */
void write_locations(json::Writer &out, const Positions &positions, std::span<const Offset> places);

} // namespace opigno::graphql
