// What a file may say of a record's name, of what it gathers and of its refusals; and what is refused with line and key.
#include <fstream>

#include "engine/test_house.hpp"
#include "institution/pack.hpp"

using namespace landglass;
namespace fs = std::filesystem;

namespace {

constexpr const char* k_file = R"(institution: thing
title: {zh: 物, en: Thing}
version: 1
effective: 2007-01-01
basis: [{rule: known}]
@TOP@
record:
  properties:
    name: {title: {zh: 名, en: Name}, type: text}
    secret: {title: {zh: 密, en: Secret}, type: text, private: true}
    parts: {title: {zh: 件, en: Parts}, type: list, items: {title: {zh: 件, en: Part}, type: text}}
    other: {title: {zh: 他物, en: Other}, type: ref, of: thing}
    more: {title: {zh: 余, en: More}, @FIELD@}
create: {title: {zh: 立, en: Make}, by: [anyone] @CREATE@}
initial: begun
states:
  begun: {title: {zh: 始, en: Begun}}
)";

std::string said(const std::string& top, const std::string& create = {}, const std::string& field = {}) {
  const fs::path folder = engine::test::fresh_folder();
  fs::create_directories(folder / "base");
  std::ofstream(folder / "rules.yaml") << "known: {title: {zh: 法, en: Law}, sure: found}\n";
  std::string file = k_file;
  file.replace(file.find("@TOP@"), 5, top.empty() ? "row: [base]" : top);
  file.replace(file.find("@CREATE@"), 8, create);
  file.replace(file.find("@FIELD@"), 7, field.empty() ? "type: text" : field);
  std::ofstream(folder / "base" / "thing.yaml") << file;
  const auto pack = institution::Pack::load(folder, folder / "none");
  fs::remove_all(folder);
  return pack ? std::string() : base::explain(pack.trouble());
}

}  // namespace

TEST(CalledAndGathers, ReadWhereTheFieldsFit) {
  EXPECT_EQ(said("called: [name, other]"), "");
  EXPECT_EQ(said("called: name"), "");
  EXPECT_EQ(said("tree: sealed\nseen_by: ['@other']\nseen_after: {do: create, for: 1日}\ngathers: other"), "");
  EXPECT_EQ(said("", ", tell: all"), "");
}

TEST(CalledAndGathers, RefuseWhatWouldShowMoreThanTheRecord) {
  EXPECT_NE(said("called: [secret]").find("called by public fields alone"), std::string::npos);
  EXPECT_NE(said("called: [nothing]").find("a field that the record has not"), std::string::npos);
  EXPECT_NE(said("called: [parts]").find("single values"), std::string::npos);
}

TEST(CalledAndGathers, RefuseToGatherInTheOpenOrWithoutAnEventOfTheDay) {
  EXPECT_NE(said("gathers: other").find("gathers names a ref field of a sealed institution"), std::string::npos);
  EXPECT_NE(said("tree: sealed\ngathers: other").find("gathers names"), std::string::npos);
  EXPECT_NE(said("tree: sealed\nseen_after: {do: create, for: 1日}\ngathers: name").find("gathers names"),
            std::string::npos);
}

TEST(TellAll, IsAllOrNothing) { EXPECT_NE(said("", ", tell: some").find("tell says all"), std::string::npos); }

TEST(PublicFile, IsAFileAndNotPrivate) {
  EXPECT_EQ(said("", "", "type: file, public: true"), "");
  for (const auto* field : {"type: text, public: true", "type: file, private: true, public: true"})
    EXPECT_NE(said("", "", field).find("public is for files that are not private"), std::string::npos) << field;
}
