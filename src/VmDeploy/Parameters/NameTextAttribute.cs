using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>
/// Accepts texts and numbers as names; refuses true, false and objects, which PowerShell would convert to a text that nobody
/// means as a name.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NameTextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        foreach (var one in LanguagePrimitives.GetEnumerable(inputData) ?? new[] { inputData })
            Check(one);
        return inputData;
    }

    private static void Check(object? one)
    {
        if ((one is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : one) is bool or SwitchParameter or IDictionary or PSObject)
            throw new ArgumentTransformationMetadataException($"'{one}' is not a name.");
    }
}
