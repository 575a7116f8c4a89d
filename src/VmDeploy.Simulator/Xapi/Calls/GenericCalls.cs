namespace VmDeploy.Simulator.Xapi;

/// <summary>The accessors that every class has, derived from the datamodel.</summary>
internal static class GenericCalls
{
    public static object Answer(XapiCall call)
    {
        var database = call.Database;
        var name = call.Method.Name;
        var fields = XapiSchema.Instance.Classes[call.Class].Fields;
        switch (name)
        {
            case "get_all":
                return database.All(call.Class).Select(o => (object)o.Ref).ToList();
            case "get_all_records":
                return database.All(call.Class).ToDictionary(o => o.Ref, o => (object)database.Record(o));
            case "get_record":
                return database.Record(call.Object(0));
            case "get_by_uuid":
                return database.All(call.Class).FirstOrDefault(o => o.Uuid == call.Text(0))?.Ref
                    ?? throw new XapiFailure("UUID_INVALID", call.Class, call.Text(0));
            case "get_by_name_label":
                return database.All(call.Class).Where(o => o.Name == call.Text(0)).Select(o => (object)o.Ref).ToList();
        }
        if (After("get_", name, fields) is { } read)
            return database.Read(call.Object(0), read);
        if (After("set_", name, fields) is { } written)
            return Done(() => database.Set(call.Object(0), written, call.Arguments[1]!));
        if (After("add_to_", name, fields) is { } grown)
            return Done(() => AddTo(call, grown));
        if (After("remove_from_", name, fields) is { } shrunk)
            return Done(() => database.Set(call.Object(0), shrunk, call.Object(0).Map(shrunk).Where(e => e.Key != call.Text(1)).ToDictionary()));
        if (After("add_", name, fields) is { } set)
            return Done(() => database.Add(call.Object(0), set, call.Text(1)));
        if (After("remove_", name, fields) is { } unset)
            return Done(() => database.Remove(call.Object(0), unset, call.Text(1)));
        throw new XapiFailure("NOT_IMPLEMENTED", $"{call.Class}.{name}");
    }

    private static void AddTo(XapiCall call, string field)
    {
        var target = call.Object(0);
        var map = target.Map(field);
        if (map.ContainsKey(call.Text(1)))
            throw new XapiFailure("MAP_DUPLICATE_KEY", call.Class, field, target.Uuid, call.Text(1));
        call.Database.Set(target, field, new Dictionary<string, object>(map) { [call.Text(1)] = call.Arguments[2]! });
    }

    private static string? After(string prefix, string name, Dictionary<string, XapiSchema.Field> fields) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && fields.ContainsKey(name[prefix.Length..]) ? name[prefix.Length..] : null;

    private static string Done(Action action)
    {
        action();
        return "";
    }
}
