#include "console/manual.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace varia {

namespace {

// What roff takes for commands or for hyphens, it is told to take as it stands.
std::string plain(const std::string& text) {
  std::string result;
  for (auto c : text)
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  if (!result.empty() && (result[0] == '.' || result[0] == '\''))
    result.insert(0, "\\&");
  return result;
}

std::string bold(const std::string& text) {
  return "\\fB" + plain(text) + "\\fR";
}

std::string slanted(const std::string& text) {
  return "\\fI" + plain(text) + "\\fR";
}

bool is_everywhere(const command_option& x) {
  return x.group == "Server" || x.group == "Output"
         || std::find(x.names.begin(), x.names.end(), "--help") != x.names.end();
}

std::string usage_of(const command& x, const std::string& words) {
  auto result = bold(words);
  for (auto& option : x.options) {
    if (option.title.empty())
      continue;
    auto word = slanted(option.title) + (option.repeats ? " ..." : "");
    result += option.is_required ? " " + word : " [" + word + "]";
  }
  return result + "\n";
}

std::string names_of(const command_option& x) {
  std::string result = x.title.empty() ? "" : slanted(x.title);
  for (auto& name : x.names)
    result += (result.empty() ? "" : ", ") + bold(name);
  if (x.title.empty() && !x.value.empty())
    result += " " + slanted(x.value);
  return result;
}

std::string option_text(const command_option& x) {
  return ".TP\n" + names_of(x) + "\n" + plain(x.help) + ".\n";
}

std::string command_text(const command& x, const std::string& words) {
  auto result = ".SS " + plain(words) + "\n" + usage_of(x, words) + ".PP\n" + plain(x.help) + ".\n";
  for (auto& option : x.options)
    if (!is_everywhere(option))
      result += option_text(option);
  return result;
}

void add_commands(const command& in, const std::string& words, std::string& to) {
  for (auto& x : in.commands) {
    auto all = words.empty() ? x.name : words + " " + x.name;
    if (x.commands.empty())
      to += command_text(x, all);
    else
      add_commands(x, all, to);
  }
}

// The options that every verb has, from the first command that has one of them.
std::string shared_options(const command& in) {
  std::string result;
  for (auto& option : in.options)
    if (option.group == "Server" || option.group == "Output")
      result += option_text(option);
  for (auto i = in.commands.begin(); i != in.commands.end() && result.find("output") == result.npos;
       ++i) {
    auto inner = shared_options(*i);
    if (inner.size() > result.size())
      result = inner;
  }
  return result;
}

constexpr auto head = R"(.TH VARIA 1 "" "Varia" "User Commands"
.SH NAME
varia \- run the partitions of syncs, and look after them
.SH SYNOPSIS
\fBvaria\fR \fICOMMAND\fR [\fIWORD\fR ...] [\fIOPTION\fR ...]
.br
\fBvaria console\fR
.SH DESCRIPTION
Varia runs syncs of data from providers, each partition as a variant of its own.
This program is all of it: the processes of a cluster (\fBcoordinator\fR, \fBworker\fR, \fBdev\fR),
and the verbs by which people look after one.
Verbs talk to the HTTP API of a coordinator.
Words may be given by their places or as options:
\fBvariants log orders c1 files eu\fR is
\fBvariants log \-\-integration orders \-\-connection c1 \-\-sync files \-\-variant eu\fR.
.PP
\fBvaria console\fR takes the same verbs line by line, with history, completion on TAB, and a
prompt that tells the server, the leader and its epoch.
Lines with secrets, and those that begin with a blank, are not kept.
Where standard input is no terminal it runs the lines that it reads.
)";

constexpr auto tail = R"(.SH EXIT STATUS
.TP
.B 0
It was done.
.TP
.B 1
It was refused, or did not work out.
.TP
.B 2
The words are wrong, or something would be destroyed and nobody could be asked; nothing was done.
.TP
.B 3
What was named does not exist.
.TP
.B 4
It exists already, has changed meanwhile, or a limit is reached.
.TP
.B 5
The server gave no answer, or cannot answer now; try again later.
.SH ENVIRONMENT
.TP
.B VARIA_URL, VARIA_API_KEY, VARIA_API_KEY_FILE, VARIA_CONTEXT
Where the server is and how to be let in, where no option says so.
Options stand before them, and they before the current context.
.TP
.B VARIA_CONFIG
The file with the settings of \fBdev\fR, \fBcoordinator\fR and \fBworker\fR.
.TP
.B NO_COLOR
If it is set to anything, nothing is coloured.
.SH FILES
.TP
.I $XDG_CONFIG_HOME/varia/config.toml, ~/.config/varia/config.toml
The contexts. The key of a context is sent to the URL of that context only.
.TP
.I $XDG_STATE_HOME/varia/history, ~/.local/state/varia/history
The lines typed in the console.
)";

} // namespace

std::string render_manual(const command& root) {
  std::string result{head};
  result += ".SH COMMANDS\n";
  add_commands(root, "", result);
  result += ".SH OPTIONS OF ALL VERBS\n" + shared_options(root);
  return result + tail;
}

std::string completion_script(const std::string& shell) {
  if (shell == "bash")
    return R"sh(_varia() {
  local word words
  words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$(printf '%q' "$word")")
  done < <(varia complete "${words[@]}" 2>/dev/null)
}
complete -o default -F _varia varia
)sh";
  if (shell == "zsh")
    return R"sh(#compdef varia
_varia() {
  local -a found
  found=("${(@f)$(varia complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("${(@)found:#}")
  if (( ${#found} )); then compadd -a found; else _files; fi
}
if [ "$funcstack[1]" = _varia ]; then _varia "$@"; else compdef _varia varia; fi
)sh";
  if (shell == "fish")
    return R"sh(function __varia_complete
  set -l words (commandline -opc) (commandline -ct)
  varia complete $words[2..-1] 2>/dev/null
end
complete -c varia -f -a '(__varia_complete)'
)sh";
  return "";
}

} // namespace varia
