# The table of what takes which capabilities on which kernel, out of xunit's reports: the trait Needs is "stage: what = capabilities".
#   awk -v machine=6.18 -f capabilities.awk kernel.xml guest-5.10.xml guest-6.1.xml
# A column is a report; kernel.xml is the machine's own. A cell names what is needed only where the test passed there: that all of it
# suffices, and that each part of it is missed.

BEGIN { RS = "<"; FS = ">" }

function attribute(name,    text) {
  if (!match($0, " " name "=\"[^\"]*\"")) return ""
  text = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
  gsub(/&quot;/, "\"", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
  return text
}

FNR == 1 {
  column = FILENAME; sub(/.*\//, "", column); sub(/\.xml$/, "", column); sub(/^guest-/, "", column)
  if (column == "kernel") column = machine
  columns[++columnCount] = column
}

/^test / { result = attribute("result") }

/^trait / && attribute("name") == "Needs" {
  split(attribute("value"), parts, " = ")
  if (!(parts[1] in known)) { known[parts[1]] = 1; rows[++rowCount] = parts[1] }
  gsub(/CAP_/, "", parts[2])
  cell[parts[1], column] = result == "Pass" ? parts[2] : result == "Skip" ? "-" : "FAILED"
}

END {
  printf "| what |"; for (i = 1; i <= columnCount; i++) printf " %s |", columns[i]
  printf "\n|---|"; for (i = 1; i <= columnCount; i++) printf "---|"
  print ""
  for (i = 1; i <= rowCount; i++) for (j = i + 1; j <= rowCount; j++) if (rows[j] < rows[i]) { held = rows[i]; rows[i] = rows[j]; rows[j] = held }
  for (i = 1; i <= rowCount; i++) {
    printf "| %s |", rows[i]
    for (j = 1; j <= columnCount; j++) printf " %s |", (rows[i], columns[j]) in cell ? cell[rows[i], columns[j]] : ""
    print ""
  }
}
