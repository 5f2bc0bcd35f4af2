#pragma once
// From a file's node tree to an Institution, in two steps: the shape of every institution first, then the expressions, whose
// types need the shapes of the others.

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "institution/institution.hpp"
#include "institution/yaml.hpp"

namespace landglass::institution {

// A loader's place: the file, for messages.
struct Loading {
  std::string file;
  base::Refusal bad(const Node& node, std::string_view key, std::string zh, std::string en) const {
    return misread(file, node, key, std::move(zh), std::move(en));
  }
};

base::Result<base::Text> load_text(const Loading& at, const Node& node);
base::Result<std::vector<std::string>> load_names(const Loading& at, const Node& node);  // a scalar or a list of them
base::Result<Law> load_law(const Loading& at, const Node& node);
base::Status only(const Loading& at, const Node& node, std::initializer_list<std::string_view> known);
// `20日`, `10工作日`, `20%`, `100万元`, a number, a quoted text, true, a date.
base::Result<law::Value> load_literal(const Loading& at, const Node& node);

base::Result<Field> load_field(const Loading& at, std::string name, const Node& node);
law::Type type_of(const Field& field);
law::Type type_of_record(const Institution& institution);
law::Type type_of_any();  // what a reference to any record lets an expression read

// Step one: names, fields, facts' outlines; no expression is read yet.
base::Result<Institution> load_shape(const Node& root, const Loading& at, std::string hash);

// Step two. `others` finds an institution's shape by name, nullptr where the pack has none.
using FindShape = std::function<const Institution*(std::string_view)>;
base::Status load_rest(Institution& institution, const Node& root, const Loading& at, const FindShape& others);

// open_to, held_with and slip: when every action is there.
base::Status load_links(Institution& in, const Node& root, const Loading& at, const FindShape& others);
base::Result<Number> load_number(const Institution& in, const Loading& at, const Node& node);
// An act that prints a paper has a 文号: its own, or the institution's.
void number_documents(const Institution& in, Action& action);
base::Result<Action> load_action(const Institution& in, const Loading& at, std::string name, const Node& node);
base::Result<Region> load_region(const Institution& in, const Loading& at, std::string name, const Node& node);
base::Result<std::vector<std::pair<std::string, Expression>>> load_settings(const Institution& in, const Loading& at,
                                                                            const Node& node);
base::Result<Expression> load_expression(const Institution& in, const Loading& at, const Node& node);
base::Result<Expression> load_expression(const law::Schema& schema, const Loading& at, const Node& node);

}  // namespace landglass::institution
