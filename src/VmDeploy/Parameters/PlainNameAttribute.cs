using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>Accepts names and other texts, and objects of a host, which stand for their names and keep their sessions, but not a whole object from a file, which PowerShell would convert to text: its Name binds instead.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PlainNameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        // PowerShell tries the object's properties only after an invalid cast.
        inputData is PSObject { BaseObject: PSCustomObject }
            ? throw new ArgumentTransformationMetadataException("A text is required, not an object.", new PSInvalidCastException())
            : PlainValue.Of(inputData) is IList list ? list.Cast<object?>().Select(SessionText.Of).ToArray() : SessionText.Of(inputData);
}
