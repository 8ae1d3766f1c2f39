# Tables out of xunit's reports: test by kernel, then row (the trait Row) by kernel, then why something was skipped.
#   awk -v machine=6.18 -v rows=rows.tsv -f table.awk kernel.xml guest-5.10.xml guest-6.1.xml
# A column is a report; kernel.xml is the machine's own. With -v rows, the rows are those of that list, in its order, each with its note
# where no kernel has proven it. With -v whole=1 the reports are of all tests on all kernels there are: then a row without a proof and
# without a note, one that failed, and one the list does not know make the exit code 1.

BEGIN {
  word["Pass"] = "ok"; word["Skip"] = "skip"; word["Fail"] = "FAIL"
  if (rows != "") readRows(rows)
  RS = "<"; FS = ">"
}

function readRows(file,    line, fields, row) {
  while ((getline line < file) > 0) {
    if (line ~ /^#/ || line == "") continue
    split(line, fields, "\t")
    row = fields[1] ": " fields[2]
    knownRow[row] = listed[row] = 1
    note[row] = fields[3]
    rowNames[++rowCount] = row
  }
  close(file)
  listedCount = rowCount
  if (listedCount == 0) { print "there are no rows in " file; failed = 1; exit }
}

function attribute(name,    text) {
  if (!match($0, " " name "=\"[^\"]*\"")) return ""
  return unescaped(substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4))
}

function unescaped(text) {
  gsub(/\\&quot;/, "\"", text); gsub(/&quot;/, "\"", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
  return text
}

FNR == 1 {
  column = FILENAME; sub(/.*\//, "", column); sub(/\.xml$/, "", column); sub(/^guest-/, "", column)
  if (column == "kernel") column = machine
  columns[++columnCount] = column
}

/^test / {
  test = attribute("name"); sub(/^Hypermesh\.Bpf\.Tests\.Kernel\./, "", test)
  result = word[attribute("result")]
  if (!(test in known)) { known[test] = 1; tests[++testCount] = test }
  cell[test, column] = result
  count[column, result]++
}

# A row is proven where one of its tests passed and none failed.
/^trait / && attribute("name") == "Row" {
  row = attribute("value")
  if (!(row in knownRow)) { knownRow[row] = 1; rowNames[++rowCount] = row }
  if (rowCell[row, column] != "FAIL" && (result != "skip" || rowCell[row, column] == "")) rowCell[row, column] = result
}

/^reason>/ { text = unescaped(substr($0, 8)); gsub(/\n/, " ", text); if (text != "") { reasons[text] = reasons[text] " " column; times[text]++; reasonCount++ } }

function line(name, cells, behind,    i, text) {
  text = sprintf("%-*s", width, name)
  for (i = 1; i <= columnCount; i++) text = text sprintf("%7s", cells[i])
  print text (behind == "" ? "" : "  " behind)
}

# What is said behind a row: nothing where a kernel has proven it.
function remark(row,    i, cell) {
  for (i = 1; i <= columnCount; i++) if (rowCell[row, columns[i]] == "FAIL") { bad[++badCount] = row " failed"; return "" }
  if (listedCount > 0 && !(row in listed)) { bad[++badCount] = row " is not in the list"; return "not in the list" }
  for (i = 1; i <= columnCount; i++) if (rowCell[row, columns[i]] == "ok") { proven++; return "" }
  if (note[row] != "") { noted++; return note[row] }
  if (listedCount > 0) unproven[++unprovenCount] = row " is proven by nothing, and nothing says why"
  return ""
}

function table(title, names, nameCount, kind,    i, j, cells) {
  if (nameCount == 0) return
  width = length(title)
  for (i = 1; i <= nameCount; i++) if (length(names[i]) > width) width = length(names[i])
  line(title, columns)
  for (i = 1; i <= nameCount; i++) {
    for (j = 1; j <= columnCount; j++) {
      cells[j] = kind == "row" ? rowCell[names[i], columns[j]] : cell[names[i], columns[j]]
      if (cells[j] == "") cells[j] = "-"
    }
    line(names[i], cells, kind == "row" ? remark(names[i]) : "")
  }
  print ""
}

function sorted(names, count,    i, j, held) {
  for (i = 2; i <= count; i++) {
    held = names[i]
    for (j = i - 1; j >= 1 && names[j] > held; j--) names[j + 1] = names[j]
    names[j + 1] = held
  }
}

END {
  if (failed) exit failed
  sorted(tests, testCount)
  if (listedCount == 0) sorted(rowNames, rowCount)
  table("test", tests, testCount, "test")
  table("row", rowNames, rowCount, "row")
  if (listedCount > 0) print "rows: " proven + 0 " proven here, " noted + 0 " with a note, " unprovenCount + 0 " with neither, " badCount + 0 " failed or unknown"
  for (i = 1; i <= badCount; i++) print "row: " bad[i]
  for (i = 1; whole && i <= unprovenCount; i++) print "row: " unproven[i]
  split("ok FAIL skip", results, " ")
  for (i = 1; i <= 3; i++) {
    for (j = 1; j <= columnCount; j++) { totals[j] = count[columns[j], results[i]] + 0; if (results[i] == "skip") skipCount += totals[j] }
    line("tests: " results[i], totals)
  }
  # A runner of another version may write them in another way.
  if (skipCount != reasonCount) print "tests: the reports have no reason for " skipCount - reasonCount " of " skipCount " skipped ones"
  for (text in reasons) print "skipped, " times[text] " times (" uniqueWords(reasons[text]) "): " text | "sort"
  close("sort")
  exit whole && badCount + unprovenCount > 0 || skipCount != reasonCount
}

function uniqueWords(text,    parts, n, i, seen, out) {
  n = split(text, parts, " ")
  for (i = 1; i <= n; i++) if (!seen[parts[i]]++) out = out (out == "" ? "" : ", ") parts[i]
  return out
}
