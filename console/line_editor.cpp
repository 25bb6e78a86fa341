#include "console/line_editor.hpp"

#include "console/completer.hpp"
#include "console/terminal.hpp"

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <utility>

#include <histedit.h>
#include <langinfo.h>

namespace varia {

namespace {

constexpr int history_max = 1000;

// libedit's mark around what takes no room on the screen.
constexpr char invisible = '\1';

// Names may hold any letters, so there must be some encoding for them.
void use_utf8() {
  setlocale(LC_CTYPE, "");
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
    setlocale(LC_CTYPE, "C.UTF-8");
}

std::string dim(const std::string& text) {
  return std::string{invisible} + "\x1b[2m" + invisible + text + invisible + "\x1b[0m" + invisible;
}

int letters_in(const std::string& text) {
  auto begins_one = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  return static_cast<int>(std::count_if(text.begin(), text.end(), begins_one));
}

std::string in_columns(const std::vector<std::string>& titles, size_t width) {
  size_t widest = 0;
  for (auto& title : titles)
    widest = std::max(widest, title.size() + 2);
  auto across = std::max<size_t>(1, width / std::max<size_t>(1, widest));
  std::string result;
  for (size_t i = 0; i < titles.size(); ++i) {
    auto is_last = i + 1 == titles.size() || (i + 1) % across == 0;
    result
      += titles[i] + (is_last ? std::string{"\r\n"} : std::string(widest - titles[i].size(), ' '));
  }
  return result;
}

} // namespace

struct line_editor::state {
  explicit state(helpers x) : with{std::move(x)} {
    use_utf8();
    line = el_init("varia", stdin, stdout, stderr);
    past = history_init();
    HistEvent event;
    history(past, &event, H_SETSIZE, history_max);
    if (line != nullptr)
      prepare();
  }

  ~state() {
    if (line != nullptr)
      el_end(line);
    history_end(past);
  }

  state(const state&) = delete;
  state& operator=(const state&) = delete;

  void prepare();
  void bind_printable();
  std::string before_cursor() const;
  unsigned char complete();
  unsigned char insert(const completion& found, const std::string& word, bool is_whole);
  std::string go_to_end();
  unsigned char forget_line();
  unsigned char finish_line();

  static state& of(EditLine* line) {
    void* result = nullptr;
    el_get(line, EL_CLIENTDATA, &result);
    return *static_cast<state*>(result);
  }

  static char* prompt_of(EditLine* line) { return of(line).prompt.data(); }

  static char* hint_of(EditLine* line) {
    auto& x = of(line);
    auto text = x.is_plain ? "" : x.with.hint(x.before_cursor());
    x.hint = text.empty() || !x.with.has_colours ? text : dim(text);
    return x.hint.data();
  }

  helpers with;
  EditLine* line = nullptr;
  History* past = nullptr;
  std::string prompt;
  std::string hint;
  bool is_plain = false; ///< No hints, no completion.
};

void line_editor::state::prepare() {
  el_set(line, EL_CLIENTDATA, this);
  el_set(line, EL_EDITOR, "emacs");
  el_set(line, EL_SIGNAL, 1);
  el_set(line, EL_HIST, history, past);
  el_set(line, EL_PROMPT_ESC, &prompt_of, invisible);
  el_set(line, EL_RPROMPT_ESC, &hint_of, invisible);
  // Ctrl-C shall reach the editor as a key, not the process as a signal.
  el_set(line, EL_SETTY, "-d", "-isig", nullptr);
  el_set(
    line, EL_ADDFN, "varia-complete", "Complete the word",
    +[](EditLine* x, int) { return of(x).complete(); });
  el_set(
    line, EL_ADDFN, "varia-forget", "Start the line anew",
    +[](EditLine* x, int) { return of(x).forget_line(); });
  el_set(
    line, EL_ADDFN, "varia-finish", "Take the line",
    +[](EditLine* x, int) { return of(x).finish_line(); });
  el_set(
    line, EL_ADDFN, "varia-insert", "Insert and look for a hint", +[](EditLine* x, int key) {
      char text[] = {static_cast<char>(key), '\0'};
      return static_cast<unsigned char>(el_insertstr(x, text) == 0 ? CC_REFRESH : CC_ERROR);
    });
  bind_printable();
  el_set(line, EL_BIND, "^I", "varia-complete", nullptr);
  el_set(line, EL_BIND, "^C", "varia-forget", nullptr);
  el_set(line, EL_BIND, "^J", "varia-finish", nullptr);
  el_set(line, EL_BIND, "^M", "varia-finish", nullptr);
  el_set(line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(line, nullptr);
}

// libedit draws a plain letter without looking at the right of the line; this draws all of it.
void line_editor::state::bind_printable() {
  for (auto c = ' '; c <= '~'; ++c) {
    char key[8];
    std::snprintf(key, sizeof key, "\\%03o", static_cast<unsigned>(c));
    el_set(line, EL_BIND, key, "varia-insert", nullptr);
  }
}

std::string line_editor::state::before_cursor() const {
  auto all = el_line(line);
  return {all->buffer, static_cast<size_t>(all->cursor - all->buffer)};
}

unsigned char line_editor::state::insert(const completion& found, const std::string& word,
                                         bool is_whole) {
  auto begun = before_cursor().substr(found.begin);
  el_deletestr(line, letters_in(begun));
  auto text = word + (is_whole && word.back() != '=' ? " " : "");
  return el_insertstr(line, text.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
}

unsigned char line_editor::state::complete() {
  auto before = before_cursor();
  auto found = is_plain ? completion{} : with.complete(before);
  if (found.words.empty())
    return CC_REFRESH_BEEP;
  if (found.words.size() == 1)
    return insert(found, found.words.front(), true);
  auto common = common_beginning(found.words);
  if (before.size() - found.begin < common.size())
    return insert(found, common, false);
  std::printf("\r\n%s", in_columns(found.titles, terminal_width()).c_str());
  std::fflush(stdout);
  return CC_REDISPLAY;
}

// Returns the whole line, and puts the cursor behind it.
std::string line_editor::state::go_to_end() {
  auto all = el_line(line);
  std::string behind{all->cursor, static_cast<size_t>(all->lastchar - all->cursor)};
  el_cursor(line, letters_in(behind));
  return before_cursor();
}

unsigned char line_editor::state::forget_line() {
  auto text = go_to_end();
  std::printf("^C\r\n");
  std::fflush(stdout);
  el_deletestr(line, letters_in(text));
  return CC_REDISPLAY;
}

// Draws the line once more without its hint, and then ends it.
unsigned char line_editor::state::finish_line() {
  go_to_end();
  auto was_plain = std::exchange(is_plain, true);
  el_set(line, EL_REFRESH);
  is_plain = was_plain;
  std::printf("\r\n");
  std::fflush(stdout);
  return el_insertstr(line, "\n") == 0 ? CC_NEWLINE : CC_ERROR;
}

line_editor::line_editor(helpers with) : state_{std::make_unique<state>(std::move(with))} {}

line_editor::~line_editor() = default;

std::optional<std::string> line_editor::read(const std::string& prompt) {
  state_->prompt = prompt;
  auto count = 0;
  auto text = state_->line == nullptr ? nullptr : el_gets(state_->line, &count);
  if (text == nullptr || count <= 0)
    return std::nullopt;
  std::string result{text, static_cast<size_t>(count)};
  if (!result.empty() && result.back() == '\n')
    result.pop_back();
  return result;
}

std::string line_editor::ask(const std::string& question) {
  state_->is_plain = true;
  auto result = read(question);
  state_->is_plain = false;
  return result.value_or("");
}

void line_editor::remember(const std::string& line) {
  HistEvent event;
  history(state_->past, &event, H_ENTER, line.c_str());
}

} // namespace varia
