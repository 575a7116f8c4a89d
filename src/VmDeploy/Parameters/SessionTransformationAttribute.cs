using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>Accepts the id of a session, and refuses several sessions with a clear message.</summary>
[System.AttributeUsage(System.AttributeTargets.Property)]
public sealed class SessionTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>The parameter takes several sessions.</summary>
    public bool TakesSeveral { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = PlainValue.Of(inputData);
        if (value is not IList list)
            return Find(value);
        if (TakesSeveral)
            return list.Cast<object?>().Select(Find).ToArray();
        return list.Count == 1 ? Find(list[0]) : throw new ArgumentTransformationMetadataException(
            $"{list.Count} sessions were given. Give one, or run the command once for each session.");
    }

    internal static object? Find(object? value)
    {
        value = PlainValue.Of(value);
        if (value is null or VmSession)
            return value;
        if (!LanguagePrimitives.TryConvertTo<int>(value, out var id))
        {
            throw new ArgumentTransformationMetadataException(
                $"'{value}' is not a session. Give what Connect-Esxi or Connect-Xapi returned, or the Id that Get-VmSession shows.");
        }
        var open = SessionTable.Current.Open;
        return open.FirstOrDefault(session => session.Id == id) ?? throw new ArgumentTransformationMetadataException(
            $"Session {id} not found. {(open.Count == 0 ? "No session is open." : $"Open: {SessionTable.Describe(open)}.")}");
    }
}
