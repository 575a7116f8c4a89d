namespace VmDeploy.PowerShell;

/// <summary>Accepts a path or a file; refuses other objects, which PowerShell would convert to a text.</summary>
public class FilePathAttribute : ValueTransformationAttribute
{
    /// <inheritdoc/>
    protected override object Convert(object value) => value switch
    {
        string => value,
        FileInfo file => file.FullName,
        // PowerShell tries the object's properties only after an invalid cast.
        _ => throw new ArgumentTransformationMetadataException("The path of a file is required.", new PSInvalidCastException()),
    };
}
