using System.Collections;
using System.Reflection;

namespace VmDeploy.PowerShell;

/// <summary>
/// Compares a record of a file with the values that PowerShell has bound. PowerShell ignores a property without a parameter, one
/// that it can't convert, and the second of two for the same parameter; a job file would then give a different job.
/// </summary>
internal static class RecordCheck
{
    // A key of job files that other tools read; nothing here depends on it.
    private const string OtherTools = "os_type";
    // A shorter column of another program resembles a key by chance.
    private const int LongWord = 8;
    private const string Selected = "Selected.";
    private const string PlainRecord = "System.Management.Automation.PSCustomObject";

    private static readonly IReadOnlyList<Type> s_cmdlets =
        [.. typeof(RecordCheck).Assembly.GetTypes().Where(type => typeof(RecordCmdlet).IsAssignableFrom(type) && !type.IsAbstract)];

    private static readonly Lazy<HashSet<string>> s_keys = new(() => Names(s_cmdlets.SelectMany(Parameters).Where(IsFromRecord), OtherTools));

    private static readonly Lazy<HashSet<string>> s_names = new(() => Names(s_cmdlets.SelectMany(Parameters)));

    private static readonly Lazy<IReadOnlyList<string[]>> s_emitted = new(() =>
        [.. s_cmdlets.SelectMany(type => type.GetCustomAttributes<OutputTypeAttribute>()).SelectMany(output => output.Type)
            .Select(output => output.Type).Where(type => type.Assembly != typeof(object).Assembly).Distinct()
            .Select(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).ToArray())]);

    /// <summary>Whether an object comes from JSON, CSV or a literal, and is not a live object or a selection of its properties.</summary>
    public static bool IsRecord(PSObject? input)
    {
        if (input?.BaseObject is not PSCustomObject)
            return false;
        var type = input.TypeNames.FirstOrDefault() ?? "";
        return type.EndsWith("." + PlainRecord, StringComparison.Ordinal)
            || (!type.StartsWith(Selected, StringComparison.Ordinal) ? !type.StartsWith("Deserialized.", StringComparison.Ordinal)
                // Numbers and texts have no properties to select: these are all calculated.
                : Type.GetType(type.Substring(Selected.Length)) is { } source && (source.IsPrimitive || source == typeof(string)));
    }

    /// <summary>Whether a record is one of the module's own objects from a file: it has all properties of one kind.</summary>
    public static bool IsExport(PSObject record) => s_emitted.Value.Any(names => names.All(name => record.Properties[name] is not null));

    /// <summary>Refuses a record with a value that was not bound although a parameter has its name.</summary>
    /// <exception cref="VmDeployException"><c>PipelineValueInvalid</c>.</exception>
    public static void CheckValues(PSCmdlet cmdlet, PSObject record)
    {
        foreach (var parameter in Parameters(cmdlet.GetType()).Where(one => IsFromRecord(one) && IsInSet(one, cmdlet.ParameterSetName)))
        {
            var given = Names(parameter).Select(name => record.Properties[name]).Where(found => found?.Value is not (null or "")).ToList();
            if (given.Count == 0)
                continue;
            // It is the same path with its provider, where a file's path is in the record too.
            if (given.Count > 1)
                given.RemoveAll(other => string.Equals(other.Name, "PSPath", StringComparison.OrdinalIgnoreCase));
            if (given.Find(other => !LanguagePrimitives.Equals(other.Value, given[0].Value, ignoreCase: true)) is { } second)
                throw Refused(second, $"'{given[0].Name}' and '{second.Name}' both mean -{parameter.Name}.");
            if (given[0].Value is ICollection { Count: 0 } && IsName(parameter))
                throw Refused(given[0], $"The list under '{given[0].Name}' is empty, and would name nothing.");
            if (TextValue.IsTextOnly(parameter) && TextValue.Misfit(parameter.PropertyType, given[0].Value) is { } misfit)
                throw Refused(given[0], $"'{given[0].Name}' takes a text, and {misfit} was given.");
            if (!cmdlet.MyInvocation.BoundParameters.ContainsKey(parameter.Name))
                throw Refused(given[0], $"'{given[0].Value}' under '{given[0].Name}' is not valid for -{parameter.Name}.");
        }
    }

    /// <summary>A message for each key that is ignored; names that begin with _ or $ are comments.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="record">The record.</param>
    /// <param name="onlyMistakes">Only keys that resemble known ones: the record may have others, for other programs.</param>
    /// <param name="isStrict">Also keys of other cmdlets' parameters that no record sets; the record is refused.</param>
    public static IEnumerable<string> FindIgnored(PSCmdlet cmdlet, PSObject record, bool onlyMistakes, bool isStrict)
    {
        var ending = isStrict ? "" : " and was ignored";
        var parameters = Parameters(cmdlet.GetType());
        var typedOnly = parameters.Where(IsTypedOnly).ToList();
        // Not another name of what the record has.
        var candidates = parameters.Where(IsFromRecord).SelectMany(one =>
            Names(one).FirstOrDefault(name => record.Properties[name] is not null) is { } given ? [given.ToLowerInvariant()] : Keys(one)).ToList();
        foreach (var property in record.Properties.Where(property => property.Name.Length > 0 && property.Name[0] is not ('_' or '$')))
        {
            var name = property.Name;
            if (cmdlet is SessionCmdlet && string.Equals(name, nameof(SessionCmdlet.Session), StringComparison.OrdinalIgnoreCase) && PlainValue.Of(property.Value) is VmSession)
                continue;
            // One file can serve several cmdlets, and memory means a size to most of them.
            var isKey = s_keys.Value.Contains(name);
            if (typedOnly.Find(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase)) is { } parameter
                && (!isKey || (parameter.PropertyType == typeof(SwitchParameter) && IsFlag(property.Value))))
            {
                if (!IsAbsent(property.Value) && !cmdlet.MyInvocation.BoundParameters.ContainsKey(parameter.Name))
                    yield return $"The key '{name}' is not read from records{ending}. -{parameter.Name} must be on the command line.";
                continue;
            }
            if (isKey || (!isStrict && s_names.Value.Contains(name)))
                continue;
            var near = NearestName.Find(name, candidates, onlyTypos: onlyMistakes);
            var typed = near is null ? typedOnly.Find(one => NearestName.IsTypo(name, one.Name))?.Name : null;
            if (onlyMistakes && near is null && typed is null && (name.Length < LongWord || !s_names.Value.Any(known => NearestName.IsTypo(name, known))))
                continue;
            yield return $"The key '{name}' is not known{ending}.{(near is not null ? $" Did you mean '{near}'?" : typed is not null ? $" -{typed} must be on the command line." : "")}";
        }
    }

    private static List<PropertyInfo> Parameters(Type cmdlet) =>
        [.. cmdlet.GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute)) && property.Name != nameof(RecordCmdlet.InputObject))];

    private static bool IsFromRecord(PropertyInfo parameter) =>
        parameter.GetCustomAttributes<ParameterAttribute>().Any(attribute => attribute.ValueFromPipelineByPropertyName);

    private static bool IsTypedOnly(PropertyInfo parameter) =>
        !parameter.GetCustomAttributes<ParameterAttribute>().Any(attribute => attribute.ValueFromPipelineByPropertyName || attribute.ValueFromPipeline);

    private static bool IsInSet(PropertyInfo parameter, string set) =>
        parameter.GetCustomAttributes<ParameterAttribute>().Any(attribute => attribute.ParameterSetName == ParameterAttribute.AllParameterSets || attribute.ParameterSetName == set);

    private static bool IsName(PropertyInfo parameter) => parameter.IsDefined(typeof(NameTextAttribute)) || parameter.IsDefined(typeof(HostObjectNameAttribute)) || parameter.PropertyType == typeof(VmOrName[]);

    private static bool IsFlag(object? value) => value is bool || (value is string text && bool.TryParse(text, out _));

    private static bool IsAbsent(object? value) => value is null or "" or false || (value is string text && bool.TryParse(text, out var flag) && !flag);

    // Keys of job files are written in lower case.
    private static IEnumerable<string> Keys(PropertyInfo parameter) =>
        Names(parameter).Skip(1).Where(name => !name.Any(char.IsUpper)) is var keys && keys.Any() ? keys : Names(parameter).Select(name => name.ToLowerInvariant());

    private static IEnumerable<string> Names(PropertyInfo parameter) =>
        parameter.GetCustomAttributes<AliasAttribute>().SelectMany(alias => alias.AliasNames).Prepend(parameter.Name);

    private static HashSet<string> Names(IEnumerable<PropertyInfo> parameters, params string[] others) =>
        new(parameters.SelectMany(Names).Concat(others), StringComparer.OrdinalIgnoreCase);

    private static VmDeployException Refused(PSPropertyInfo given, string message) => new(ErrorCodes.PipelineValueInvalid, message, given.Name);
}
