using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Tests.Unit.Dependencies;

/// <summary>
/// The table of CONTRIBUTING.md: the projects, and the rooms of each from the ground up. A room is a folder with all that is below it; it may use the rooms above it in the
/// table, and of other projects those its project names. A folder without a project is compiled into each project that names it.
/// </summary>
internal sealed partial class House
{
    private readonly Dictionary<string, Project> _projects;

    private House(IEnumerable<Project> projects) => _projects = projects.ToDictionary(static project => project.Folder);

    /// <summary>The projects, in the table's order.</summary>
    public IEnumerable<Project> Projects => _projects.Values;

    /// <summary>A project by its folder, such as <c>src/Hypermesh.Bpf</c>.</summary>
    public Project this[string folder] => _projects[folder];

    /// <summary>Reads the table: the first block of code in a text.</summary>
    public static House Read(string text)
    {
        List<Project> projects = [];
        foreach (string line in FirstBlock().Match(text).Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (line[0] != ' ')
            {
                projects.Add(new Project(words[0], words.Length > 1 ? words[1].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [], []));
            }
            else
            {
                projects[^1].Rooms.Add(words[0]);
            }
        }

        return new House(projects);
    }

    [GeneratedRegex("^```text\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex FirstBlock();

    /// <summary>A project.</summary>
    /// <param name="Folder">Its folder.</param>
    /// <param name="Uses">The projects it may use, by name: referenced, or compiled in.</param>
    /// <param name="Rooms">Its rooms, each of which may use those before it.</param>
    internal sealed record Project(string Folder, string[] Uses, List<string> Rooms)
    {
        /// <summary>The project's name.</summary>
        public string Name => Folder[(Folder.LastIndexOf('/') + 1)..];

        /// <summary>Says what is wrong with a graph: arrows that point to a later room, folders without a room, rooms without a folder.</summary>
        /// <param name="graph">What was compiled.</param>
        /// <returns>A line for each arrow that is not permitted, as <c>From → To: User → Used</c>, and for each room and folder without the other.</returns>
        public IEnumerable<string> Faults(FolderGraph graph)
        {
            foreach (string folder in graph.Folders.Where(folder => !Rooms.Contains(RoomOf(folder))))
            {
                yield return $"{folder} is not in the table";
            }

            foreach (string room in Rooms.Where(room => !graph.Folders.Any(folder => RoomOf(folder) == room)))
            {
                yield return $"{room} is in the table and has no type";
            }

            foreach (((string from, string to), SortedSet<string> types) in graph.Arrows)
            {
                if (Rooms.IndexOf(RoomOf(to)) > Rooms.IndexOf(RoomOf(from)))
                {
                    foreach (string one in types)
                    {
                        yield return $"{from} → {to}: {one}";
                    }
                }
            }
        }

        private static string RoomOf(string folder) => folder.Split('/')[0];
    }
}
