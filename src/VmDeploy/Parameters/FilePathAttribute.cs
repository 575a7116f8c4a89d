using System.IO;
using System.Management.Automation;

namespace VmDeploy.PowerShell;

/// <summary>Takes a path or a file for a path; refuses other objects, which PowerShell would turn into a text.</summary>
public sealed class FilePathAttribute : ValueTransformationAttribute
{
    /// <inheritdoc/>
    protected override object Convert(object value) => value switch
    {
        string => value,
        FileInfo file => file.FullName,
        _ => throw Refusal(value, "the path of a file"),
    };
}
