"""Known column titles and the stable keys they stand for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

PHONE, NAME = "phone", "name"

#: Key to titles, as `plain_title` writes them. The first match wins, exact before contained.
_TITLES: Mapping[str, str] = MappingProxyType({
    PHONE: (
        "手机 手机号 手机号码 移动电话 联系手机 电话 电话号码 联系电话 联系方式 "
        "联系号码 号码 被叫号码 主叫号码 座机 固话 固定电话 家庭电话 办公电话 "
        "单位电话 phone phoneno phonenumber mobile mobileno mobilenumber mobilephone "
        "cell cellphone tel telno telephone contactno contactnumber msisdn number"
    ),
    NAME: (
        "姓名 名字 客户姓名 客户名称 客户 联系人 联系人姓名 称呼 name fullname customername contact"
    ),
    "company": (
        "公司 公司名称 单位 单位名称 企业 企业名称 工作单位 company companyname organization"
    ),
    "age": "年龄 岁数 age",
    "gender": "性别 gender sex",
    "city": "城市 所在城市 地市 市 city",
    "province": "省份 省 所在省 province state",
    "district": "区县 区 县 district county",
    "address": "地址 联系地址 住址 家庭地址 通讯地址 address",
    "region": "地区 区域 归属地 region area",
    "email": "邮箱 电子邮箱 电子邮件 email mail emailaddress",
    "wechat": "微信 微信号 wechat weixin",
    "qq": "qq qq号 qq号码",
    "weibo": "微博 weibo",
    "fax": "传真 传真号码 fax",
    "job": "职务 职位 岗位 职业 job jobtitle position title",
    "department": "部门 科室 department",
    "birthday": "生日 出生日期 出生年月 birthday dateofbirth dob",
    "id_card": "身份证 身份证号 身份证号码 idcard idnumber",
    "customer_no": "客户编号 客户号 会员号 会员编号 编号 customerid customerno memberid id",
    "serial_no": "序号 no serialno",
    "amount": "金额 欠款金额 应还金额 amount",
    "product": "产品 产品名称 商品 product",
    "level": "等级 级别 客户等级 会员等级 level grade",
    "source": "来源 渠道 客户来源 source channel",
    "date": "日期 date",
    "remark": "备注 说明 备注信息 remark remarks note notes memo comment comments",
})
_KEYS: Mapping[str, str] = MappingProxyType({
    title: key for key, titles in _TITLES.items() for title in titles.split()
})
#: Parts of longer titles ("客户手机号码1"), checked in this order.
_CONTAINED = (
    ("手机", PHONE),
    ("电话", PHONE),
    ("座机", PHONE),
    ("mobile", PHONE),
    ("phone", PHONE),
    ("姓名", NAME),
    ("地址", "address"),
    ("公司", "company"),
    ("备注", "remark"),
)
_NOT_THE_NUMBER = re.compile(
    "型号|品牌|类型|状态|归属|备注|运营商|时间|日期|次数|model|type|status"
)
#: Mobile columns come before other phone columns: a robot reaches a person there.
_MOBILE_TITLE = re.compile("手机|移动|mobile|cell", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def plain_title(title: str) -> str:
    """A title without case, width, spaces, punctuation and notes in brackets."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return re.sub(r"\(.*?\)|[\W_]+", "", folded)


def known_key(title: str) -> str | None:
    """The stable key of a known title, or None."""
    plain = plain_title(title)
    if plain in _KEYS:
        return _KEYS[plain]
    without_count = plain.rstrip("0123456789")
    if without_count in _KEYS:
        return _KEYS[without_count]
    for part, key in _CONTAINED:
        if part in plain and not (key == PHONE and _NOT_THE_NUMBER.search(plain)):
            return key
    return None


def is_mobile_title(title: str) -> bool:
    """Whether a phone title means mobile phones."""
    return _MOBILE_TITLE.search(title) is not None


def column_letter(column: int) -> str:
    """Letters of a zero-based column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def column_key(title: str, column: int) -> str:
    """The key of a column: known title, else a plain Latin title itself, else `col_d`."""
    key = known_key(title)
    if key is not None:
        return key
    slug = re.sub(r"[\s\-./]+", "_", title.strip().casefold())
    if _IDENTIFIER.fullmatch(slug):
        return slug
    return f"col_{column_letter(column).lower()}"
