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
        // PowerShell goes on to the object's properties after an invalid cast, and only then.
        _ => throw new ArgumentTransformationMetadataException("The path of a file is needed.", new PSInvalidCastException()),
    };
}
