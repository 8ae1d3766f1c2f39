namespace Hypermesh.Bpf;

/// <summary>The root of everything this SDK throws on its own account: it names the object and, where one is meant, the program or map.</summary>
public class BpfException : Exception
{
    private string? _concerned;

    /// <summary>Makes an exception without a subject.</summary>
    /// <param name="message">What went wrong and what to do.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public BpfException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception about an object, and a program or map in it.</summary>
    /// <param name="message">What went wrong and what to do.</param>
    /// <param name="objectName">The object's name, as it was opened with.</param>
    /// <param name="subjectName">The program's, map's or section's name.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public BpfException(string message, string? objectName, string? subjectName, Exception? innerException = null)
        : base(message, innerException)
    {
        ObjectName = objectName;
        SubjectName = subjectName;
    }

    /// <summary>The name of the object, null where none is concerned.</summary>
    public string? ObjectName { get; private set; }

    /// <summary>The name of the program, map or section, null where the object as a whole is concerned.</summary>
    public string? SubjectName { get; }

    /// <inheritdoc/>
    public override string Message => _concerned is null ? base.Message : $"Object {_concerned}: {base.Message}";

    /// <summary>Names the object where what failed for it knew of none: a file of the kernel's, a list of processors.</summary>
    internal void Concern(string objectName)
    {
        if (ObjectName is null)
        {
            ObjectName = objectName;
            _concerned = objectName;
        }
    }
}
