// Whoever reads a file of the pack on a page reads its conditions in words.
#include <gtest/gtest.h>

#include <regex>

#include "institution/words.hpp"

namespace landglass::institution {
namespace {

TEST(Conditions, OfThePackReadInWords) {
  const std::string house = LG_SOURCE_DIR;
  const auto pack = Pack::load(house + "/packs/cn-land", house + "/build/data");
  ASSERT_TRUE(pack) << base::explain(pack.trouble());
  const std::regex key("[a-z]+_[a-z_]+|[a-z]+\\.[a-z]+|\\b(?!camt)[a-z]{3,}");
  std::size_t read = 0;
  for (const auto* in : (*pack)->all()) {
    const FileWords words(**pack, *in);
    const auto look = [&](const Action& action) {
      for (const auto& check : action.checks) {
        ++read;
        const auto said = check.that.in_words(words);
        EXPECT_FALSE(std::regex_search(said.zh, key))
            << in->name << " " << check.code << ": " << said.zh << "\n  " << check.that.source();
      }
    };
    look(in->create);
    for (const auto& action : in->always) look(action);
    for (const auto& state : in->main.states) {
      for (const auto& action : state.actions) look(action);
    }
    for (const auto& parameter : in->parameters) {
      for (const auto& value : parameter.values) {
        if (value.when) {
          EXPECT_FALSE(std::regex_search(value.when->in_words(words).zh, key)) << in->name << " " << parameter.name;
        }
      }
    }
  }
  EXPECT_GT(read, 200U);
}

}  // namespace
}  // namespace landglass::institution
